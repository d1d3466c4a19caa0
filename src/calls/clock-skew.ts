import { ProviderError } from '../model/answer.ts';
import { type EpochMs, minuteMs } from '../model/time.ts';
import type { Http } from './call.ts';

export interface ClockSkewSpec {
  readonly now: () => EpochMs;
  /** Current maximum of the clock skew, in either direction. */
  readonly toleranceMs: () => number;
  /**
   * Receives the clock skew of each response, local clock minus provider clock. Its absolute value is a lower
   * bound.
   */
  readonly onOffset: (offsetMs: number) => void;
}

/**
 * Discards a response if the clock skew, measured from its `Date` header, exceeds the tolerance. If the local
 * clock is ahead, the requested range is still empty at the provider, and the watermark would pass rows that
 * arrive later. If it is behind, old samples look current. The watermark does not move, so the same range is
 * requested again. A response without a readable `Date` is accepted.
 */
export function withClockSkewCheck(http: Http, { now, toleranceMs, onOffset }: ClockSkewSpec): Http {
  return async (request, signal) => {
    const sentAt = now();
    const response = await http(request, signal);
    const date = Date.parse(response.headers.date ?? '');
    if (Number.isNaN(date)) return response;
    // The provider set `Date` between the request and now, so latency is not skew.
    const offsetMs = Math.max(sentAt - date, Math.min(0, now() - date));
    onOffset(offsetMs);
    // The body of an error response describes its cause better.
    const isSuccess = response.status >= 200 && response.status < 300;
    if (!isSuccess || Math.abs(offsetMs) <= toleranceMs()) return response;
    throw new ProviderError('auth', `response discarded (check the clock: ${toOffsetText(offsetMs)})`);
  };
}

/** Rounds to whole minutes, so that repeated failures have the same message. */
function toOffsetText(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / minuteMs);
  const amount = Math.abs(offsetMs) < minuteMs ? 'less than a minute' : `about ${minutes} min`;
  return `it is ${amount} ${offsetMs > 0 ? 'ahead of' : 'behind'} the provider's`;
}
