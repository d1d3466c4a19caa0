import { type EpochMs, secondMs } from '../../model/time.ts';
import { readNumber } from './values.ts';

/**
 * Parses a `Retry-After` header and returns the wait in milliseconds after `now` (wall epoch ms). The header
 * holds seconds or an HTTP date. Returns undefined if it holds neither, or if the date is in the past.
 */
export function readRetryAfterMs(header: string | undefined, now: EpochMs): number | undefined {
  if (header === undefined) return undefined;
  const seconds = readNumber(header);
  if (seconds !== undefined) return seconds * secondMs;
  // Require GMT, because Date.parse accepts texts that are not HTTP dates: it parses '-5' to a day in May.
  const ms = header.endsWith('GMT') ? Date.parse(header) - now : Number.NaN;
  return ms >= 0 ? ms : undefined;
}
