import { ProviderError } from '../model/answer.ts';
import { type EpochMs, minuteMs } from '../model/time.ts';
import type { Http } from './call.ts';

export interface ClockSkewParts {
  readonly now: () => EpochMs;
  /** How far two clocks may differ, at this moment. */
  readonly toleranceMs: () => number;
  /** Our clock less the provider's, at least; told with each answer. */
  readonly onOffset: (offsetMs: number) => void;
}

/**
 * Uses no answer of a provider whose clock, by the `Date` of the answer, is not ours. Asked by a clock that is ahead,
 * nothing has happened yet, and what then happens lies behind the watermark: it would never be counted. By one that is
 * behind, old samples look like the newest. A call that fails moves nothing, so when the clocks agree again all that
 * happened meanwhile is asked for. An answer without a `Date` is taken as it is.
 */
export function withClockSkewCheck(http: Http, { now, toleranceMs, onOffset }: ClockSkewParts): Http {
  return async (request, signal) => {
    const askedAt = now();
    const answer = await http(request, signal);
    const told = Date.parse(answer.headers.date ?? '');
    if (Number.isNaN(told)) return answer;
    // It was told some time between the two: an answer that was long on its way shows no clock that is wrong.
    const offsetMs = Math.max(askedAt - told, Math.min(0, now() - told));
    onOffset(offsetMs);
    // What a refusal says of itself tells more.
    const isWell = answer.status >= 200 && answer.status < 300;
    if (!isWell || Math.abs(offsetMs) <= toleranceMs()) return answer;
    throw new ProviderError('auth', `the answer is not used (check the clock: ${offsetText(offsetMs)})`);
  };
}

/** In whole minutes, so that the sentence stays the same from one call to the next. */
function offsetText(offsetMs: number): string {
  const isLess = Math.abs(offsetMs) < minuteMs;
  const much = isLess ? 'less than a minute' : `about ${Math.round(Math.abs(offsetMs) / minuteMs)} min`;
  return `it is ${much} ${offsetMs > 0 ? 'ahead of' : 'behind'} the provider's`;
}
