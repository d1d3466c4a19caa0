import type { EpochMs } from '../model/time.ts';
import type { FailureInput } from './inputs.ts';

/** Formats a time as ISO 8601 in UTC. */
export function toIso(at: EpochMs): string {
  return new Date(at).toISOString();
}

/** Converts a value with `toJson`. Returns null for undefined, because null means unknown in the JSON API. */
export function orNull<T, U>(value: T | undefined, toJson: (value: T) => U): U | null {
  return value === undefined ? null : toJson(value);
}

export function toSeconds(ms: number): number {
  return ms / 1000;
}

/**
 * Converts a failure. Replaces the message of an internal error, because the message can contain secrets,
 * such as a signed URL. The log has the message with its secrets redacted.
 */
export function toFailureView({ kind, message, at }: FailureInput) {
  return {
    kind,
    message: kind === 'internal' ? 'internal error (see the exporter log)' : message,
    at: toIso(at),
  };
}
