import { type EpochMs, secondMs } from '../../model/time.ts';
import { readNumber } from './values.ts';

/**
 * Parses a `Retry-After` header, which contains either seconds or an HTTP date. Returns the wait in
 * milliseconds after `now` (wall clock, epoch ms). Returns undefined if the header has another form or if the
 * date is in the past.
 */
export function readRetryAfterMs(header: string | undefined, now: EpochMs): number | undefined {
  if (header === undefined) return undefined;
  const seconds = readNumber(header);
  if (seconds !== undefined) return seconds * secondMs;
  // Require GMT, because Date.parse also accepts texts that are not HTTP dates: it parses '-5' to a day in
  // May.
  const ms = header.endsWith('GMT') ? Date.parse(header) - now : Number.NaN;
  return ms >= 0 ? ms : undefined;
}
