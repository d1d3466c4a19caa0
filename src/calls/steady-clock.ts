import { ProviderError } from '../model/answer.ts';
import { type Clock, minuteMs } from '../model/time.ts';
import type { Call } from './call.ts';

/** As far as two clocks may differ: the shortest default lookback makes up for it. */
const toleranceMs = minuteMs;

/**
 * Uses no answer during whose call our clock was set: what was asked for was told by the clock as it was before. Of one
 * that was ahead, and was set right meanwhile, `withSameClock` sees nothing any more, and the watermark would pass over
 * time that has not happened yet.
 */
export function withSteadyClock(call: Call, clock: Clock): Call {
  const offset = () => clock.now() - clock.elapsed();
  return async (operation, query, signal) => {
    const before = offset();
    const answer = await call(operation, query, signal);
    if (Math.abs(offset() - before) <= toleranceMs) return answer;
    throw new ProviderError(
      'unavailable',
      `${operation}: the answer is not used, since our clock was set meanwhile`,
    );
  };
}
