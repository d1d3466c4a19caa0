import { ProviderError } from '../../model/answer.ts';
import { type EpochMs, minuteMs, type Window } from '../../model/time.ts';
import { adviceSuffix } from './message.ts';

/**
 * Distance in ms from the requested window up to which a row counts as inside. Not documented: whether
 * providers return rows slightly outside of the window.
 */
const toleranceMs = 5 * minuteMs;

/** Smallest difference in ms between the UTC offsets of two time zones. */
const minZoneErrorMs = 15 * minuteMs;

/** Advice for rows whose times do not depend on a setting of the account. */
export const oldResponseAdvice = 'check for a proxy or gateway that returns old responses';

/**
 * Reports whether the rows of an answer belong to another time range than the requested window, as they do if
 * their times were converted with a wrong time zone: no row is inside the window, or the rows look shifted. A
 * wrong time zone shifts all rows of a long window by at least 15 minutes: a part of the rows leaves the
 * window at one end, and no row is left within 15 minutes of the other end. An answer without rows is not
 * misplaced.
 */
export function isMisplaced<T>(items: readonly T[], timeOf: (item: T) => EpochMs, window: Window): boolean {
  if (items.length === 0) return false;
  const from = window.from - toleranceMs;
  const to = window.to + toleranceMs;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  let isInside = false;
  for (const item of items) {
    const at = timeOf(item);
    if (at < first) first = at;
    if (at > last) last = at;
    if (at >= from && at <= to) isInside = true;
  }
  if (!isInside) return true;
  const isShiftedBack = first < from && last <= window.to - minZoneErrorMs;
  const isShiftedAhead = last > to && first >= window.from + minZoneErrorMs;
  return isShiftedBack || isShiftedAhead;
}

/**
 * Builds the `malformed` error for an answer whose rows are misplaced. Such an answer must not count as
 * empty: nothing is known about the requested window. The message has no times, so that the log reports the
 * failure once and not after each request. `shiftMs` is the distance of the rows from the window if their
 * times depend on a setting of the time zone.
 */
export function outsideWindow(context: string, advice: string, shiftMs?: number): ProviderError {
  const reason = shiftMs === undefined ? 'misplaced_rows' : 'time_zone';
  const text = `${context}: rows are outside the requested window${adviceSuffix(advice)}`;
  return new ProviderError('malformed', text, { reason, shiftMs });
}

/**
 * Returns how much later than the end of the window the newest row seems to be, in ms, rounded to the
 * difference that two time zones can have. The newest row of a live stream is close to the end of the window.
 */
export function zoneShiftMs<T>(items: readonly T[], timeOf: (item: T) => EpochMs, window: Window): number {
  const newest = items.reduce((max, item) => Math.max(max, timeOf(item)), Number.NEGATIVE_INFINITY);
  return Math.round((newest - window.to) / minZoneErrorMs) * minZoneErrorMs;
}
