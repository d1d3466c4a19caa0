import { type EpochMs, secondMs } from '../../model/time.ts';

/** As in `2026-03-01T12:00:00Z`, cut to the whole second: the format has no fraction. */
export function toAlibabaTime(at: EpochMs): string {
  return `${new Date(Math.floor(at / secondMs) * secondMs).toISOString().slice(0, 19)}Z`;
}

/** The moment of a record, to the second; undefined when it is not in the one documented format, or no such day is. */
export function parseAlibabaTime(raw: unknown): EpochMs | undefined {
  if (typeof raw !== 'string') return undefined;
  // A fraction is not documented, but would be no reason to lose a record.
  const second = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(raw.trim())?.[1];
  if (second === undefined) return undefined;
  const at = Date.parse(`${second}Z`);
  // Date.parse takes the 30th of February for the 2nd of March, and 24:00 for the next day.
  return !Number.isNaN(at) && toAlibabaTime(at) === `${second}Z` ? at : undefined;
}
