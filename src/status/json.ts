import type { EpochMs } from '../model/time.ts';
import type { FailureInput } from './inputs.ts';

/** Formats a time as ISO 8601 in UTC. */
export function toIso(at: EpochMs): string {
  return new Date(at).toISOString();
}

/** Converts a value for JSON, in which null means unknown. */
export function orNull<T, U>(value: T | undefined, toJson: (value: T) => U): U | null {
  return value === undefined ? null : toJson(value);
}

export function toSeconds(ms: number): number {
  return ms / 1000;
}

/** Hides the message of an internal error: it can contain secrets, such as a signed URL. The log redacts them. */
export function toFailureView({ kind, message, at }: FailureInput) {
  return {
    kind,
    message: kind === 'internal' ? 'internal error (see the exporter log)' : message,
    at: toIso(at),
  };
}
