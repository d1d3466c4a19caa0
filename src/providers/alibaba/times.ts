import { type EpochMs, secondMs } from '../../model/time.ts';

/** Formats a time as `2026-03-01T12:00:00Z`, truncated to the second: the format has no fraction. */
export function toAlibabaTime(at: EpochMs): string {
  return `${new Date(Math.floor(at / secondMs) * secondMs).toISOString().slice(0, 19)}Z`;
}

/** Parses the time of a record, truncated to the second; undefined if it is not a valid time in the documented format. */
export function parseAlibabaTime(value: unknown): EpochMs | undefined {
  if (typeof value !== 'string') return undefined;
  // Not documented: a fraction. It is accepted, so that no record is lost.
  const second = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(value.trim())?.[1];
  if (second === undefined) return undefined;
  const at = Date.parse(`${second}Z`);
  // Date.parse converts February 30 to March 2, and 24:00 to the next day.
  return !Number.isNaN(at) && toAlibabaTime(at) === `${second}Z` ? at : undefined;
}
