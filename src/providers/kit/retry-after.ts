import { parseHttpDate } from '../../model/http-time.ts';
import { type EpochMs, secondMs } from '../../model/time.ts';
import { readNumber } from './values.ts';

/**
 * Parses a `Retry-After` header, which contains either seconds or an HTTP date. Returns the wait in
 * milliseconds after `now`, the current time of the provider (epoch ms). Returns undefined if the header has
 * another form or if the date is in the past.
 */
export function readRetryAfterMs(header: string | undefined, now: EpochMs): number | undefined {
  const seconds = readNumber(header);
  if (seconds !== undefined) return seconds * secondMs;
  const at = parseHttpDate(header, now);
  return at !== undefined && at >= now ? at - now : undefined;
}
