import { ProviderError } from '../model/answer.ts';
import type { Clock } from '../model/time.ts';
import type { Call } from './call.ts';

/**
 * Uses no answer during whose call our clock was set: what was asked for was told by the clock as it was before. Of one
 * that was ahead, and was set right meanwhile, `withSameClock` sees nothing any more, and the watermark would pass over
 * time that has not happened yet. `toleranceMs`: as far as two clocks may differ, at this moment.
 */
export function withClockStepCheck(call: Call, toleranceMs: () => number, clock: Clock): Call {
  const offset = () => clock.now() - clock.elapsed();
  return async (operation, query, signal) => {
    const before = offset();
    const answer = await call(operation, query, signal);
    if (Math.abs(offset() - before) <= toleranceMs()) return answer;
    throw new ProviderError(
      'unavailable',
      `${operation}: the answer is not used, since our clock was set meanwhile`,
    );
  };
}
