import { type EpochMs, secondMs } from '../../model/time.ts';

/**
 * Formats a time in UTC, such as `2026-03-01T12:00:00Z`. Drops the milliseconds, because the provider's
 * format has only whole seconds.
 */
export function toAlibabaTime(at: EpochMs): string {
  return `${new Date(Math.floor(at / secondMs) * secondMs).toISOString().slice(0, 19)}Z`;
}

/**
 * Parses the time of a record. Returns wall clock time in epoch ms, rounded down to a whole second; undefined
 * if `value` is not a valid time in the documented format, such as `2026-03-01T12:00:00Z`.
 */
export function parseAlibabaTime(value: unknown): EpochMs | undefined {
  if (typeof value !== 'string') return undefined;
  // Not documented: a fraction of a second. It is accepted, so that no record is lost if the provider starts
  // to send it.
  const second = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(value.trim())?.[1];
  if (second === undefined) return undefined;
  const at = Date.parse(`${second}Z`);
  // Format the result again and compare it with the input, because Date.parse converts February 30 to March
  // 2, and 24:00 to the next day.
  return !Number.isNaN(at) && toAlibabaTime(at) === `${second}Z` ? at : undefined;
}
