import { ProviderError } from '../model/answer.ts';
import { clockSkewMs, readAgeMs } from '../model/http-time.ts';
import { type EpochMs, minuteMs } from '../model/time.ts';
import type { Http } from './call.ts';

export interface ClockSkewSpec {
  readonly now: () => EpochMs;
  /**
   * Returns the largest clock skew in ms, ahead or behind, at which a response is accepted. Also the maximum
   * age of a cached response.
   */
  readonly toleranceMs: () => number;
  /**
   * Receives the measured clock skew of each response in ms: local clock minus provider clock. The real skew
   * can be larger, because the time at which the provider set `Date` is only known to lie between request and
   * response.
   */
  readonly onOffset: (offsetMs: number) => void;
}

/**
 * Discards a response if the clock skew, measured from the response's `Date` header, exceeds the tolerance.
 * If the local clock is ahead, the requested time range has not ended yet at the provider, and the watermark
 * would pass rows that arrive later. If the local clock is behind, old samples look current. A discarded
 * response does not move the watermark, so the same range is requested again. A response without a readable
 * `Date` is accepted.
 *
 * A response that an HTTP cache has stored for longer than the tolerance has the same effect as a clock that
 * is ahead: it lacks the rows of that time. So it is discarded too, but the message names the cache.
 */
export function withClockSkewCheck(http: Http, { now, toleranceMs, onOffset }: ClockSkewSpec): Http {
  return async (request, signal) => {
    const sentAt = now();
    const response = await http(request, signal);
    const offsetMs = clockSkewMs(response.headers, sentAt, now());
    if (offsetMs !== undefined) onOffset(offsetMs);
    // Return an error response even if the skew is too large, because its body describes the cause of the
    // error better.
    if (response.status < 200 || response.status >= 300) return response;
    const skewMs = offsetMs ?? 0;
    if (Math.abs(skewMs) > toleranceMs()) {
      const direction = skewMs > 0 ? 'ahead of' : 'behind';
      throw new ProviderError(
        'auth',
        `response discarded: check the clock of this host, which is ${toMinutesText(skewMs)} ${direction} the provider's clock`,
        { reason: 'clock' },
      );
    }
    const ageMs = readAgeMs(response.headers);
    if (ageMs > 0 && ageMs + Math.max(0, skewMs) > toleranceMs()) {
      throw new ProviderError(
        'unavailable',
        `response discarded: exempt this API from the HTTP cache, which sent a copy that is ${toMinutesText(ageMs)} old`,
        { reason: 'http_cache' },
      );
    }
    return response;
  };
}

/** Formats a time in whole minutes, so that repeated failures have the same message. */
function toMinutesText(ms: number): string {
  const absoluteMs = Math.abs(ms);
  return absoluteMs < minuteMs ? 'less than a minute' : `about ${Math.round(absoluteMs / minuteMs)} min`;
}
