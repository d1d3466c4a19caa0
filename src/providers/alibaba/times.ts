import type { Query } from '../../calls/call.ts';
import { type EpochMs, secondMs, type Window } from '../../model/time.ts';

/**
 * Formats a time in UTC, such as `2026-03-01T12:00:00Z`. Drops the milliseconds, because the provider's
 * format has only whole seconds.
 */
export function toAlibabaTime(at: EpochMs): string {
  return `${new Date(Math.floor(at / secondMs) * secondMs).toISOString().slice(0, 19)}Z`;
}

/**
 * Returns the parameters of a time range that consists of whole seconds and covers `window`, but does not end
 * after `now` and is not longer than `spanMs`. Not documented: whether the provider rejects an end in the
 * future.
 */
export function toTimeRange(window: Window, now: EpochMs, spanMs: number): Query {
  const start = Math.floor(window.from / secondMs) * secondMs;
  const end = Math.min(Math.ceil(window.to / secondMs) * secondMs, now, start + spanMs);
  return {
    StartTime: toAlibabaTime(start),
    // The provider rejects an end before the start. So if the whole window is in the future, request an empty
    // time range.
    EndTime: toAlibabaTime(Math.max(start, end)),
  };
}

/**
 * Parses the time of a record. Returns wall clock time in epoch ms, rounded down to a whole second; undefined
 * if `value` is not a valid time in the documented format, such as `2026-03-01T12:00:00Z`.
 */
export function parseAlibabaTime(value: unknown): EpochMs | undefined {
  if (typeof value !== 'string') return undefined;
  // Not documented: a fraction of a second. It is accepted, so that no record is lost if the provider starts
  // to send it.
  const text = value.trim();
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text)) return undefined;
  const [year, day] = [100 * twoDigits(text, 0) + twoDigits(text, 2), twoDigits(text, 8)];
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const at = Date.UTC(year, twoDigits(text, 5) - 1, day, hour, minute, second);
  // Compare the day and the year, because Date.UTC converts February 30 to March 2, and the year 70 to 1970.
  const date = new Date(at);
  return date.getUTCDate() === day && date.getUTCFullYear() === year ? at : undefined;
}

/** Character code of the digit 0. */
const zero = 48;

/** Returns the number of two digits. Faster than Number, because a response has thousands of times. */
function twoDigits(text: string, at: number): number {
  return 10 * (text.charCodeAt(at) - zero) + text.charCodeAt(at + 1) - zero;
}
