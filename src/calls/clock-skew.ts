import { ProviderError } from '../model/answer.ts';
import { type EpochMs, minuteMs } from '../model/time.ts';
import type { Http } from './call.ts';

export interface ClockSkewSpec {
  readonly now: () => EpochMs;
  /** Returns the largest clock skew in ms, ahead or behind, at which a response is accepted. */
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
 */
export function withClockSkewCheck(http: Http, { now, toleranceMs, onOffset }: ClockSkewSpec): Http {
  return async (request, signal) => {
    const sentAt = now();
    const response = await http(request, signal);
    const date = Date.parse(response.headers.date ?? '');
    if (Number.isNaN(date)) return response;
    // The provider set `Date` between the request and now. So if `Date` lies between these two times, the
    // skew is 0, and latency does not count as skew.
    const offsetMs = Math.max(sentAt - date, Math.min(0, now() - date));
    onOffset(offsetMs);
    // Return an error response even if the skew is too large, because its body describes the cause of the
    // error better.
    const isSuccess = response.status >= 200 && response.status < 300;
    if (!isSuccess || Math.abs(offsetMs) <= toleranceMs()) return response;
    throw new ProviderError(
      'auth',
      `response discarded: check the clock of this host, which is ${toOffsetText(offsetMs)}`,
    );
  };
}

/** Formats the skew in whole minutes, so that repeated failures have the same message. */
function toOffsetText(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / minuteMs);
  const amount = Math.abs(offsetMs) < minuteMs ? 'less than a minute' : `about ${minutes} min`;
  return `${amount} ${offsetMs > 0 ? 'ahead of' : 'behind'} the provider's clock`;
}
