import type { EpochMs } from '../model/time.ts';

/** ISO 8601 in UTC. */
export function toIso(at: EpochMs): string {
  return new Date(at).toISOString();
}

/** In JSON null stands for what is not known. */
export function orNull<T, U>(value: T | undefined, toJson: (value: T) => U): U | null {
  return value === undefined ? null : toJson(value);
}

export function toSeconds(ms: number): number {
  return ms / 1000;
}
