import { type EpochMs, secondMs } from '../../model/time.ts';
import { readNumber } from './values.ts';

/**
 * Parses a `Retry-After` header, which holds seconds or an HTTP date. Returns undefined if it holds neither, or a date in
 * the past.
 */
export function readRetryAfterMs(header: string | undefined, now: EpochMs): number | undefined {
  if (header === undefined) return undefined;
  const seconds = readNumber(header);
  if (seconds !== undefined) return seconds * secondMs;
  // Require GMT: Date.parse('-5') is a day in May.
  const ms = header.endsWith('GMT') ? Date.parse(header) - now : Number.NaN;
  return ms >= 0 ? ms : undefined;
}
