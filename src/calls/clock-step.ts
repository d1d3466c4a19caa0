import { ProviderError } from '../model/answer.ts';
import type { Clock } from '../model/time.ts';
import type { Call } from './call.ts';

/**
 * Discards a response if the wall clock stepped by more than `toleranceMs` during the call, because the
 * window of the request came from the clock before the step. If that clock was ahead and is correct now,
 * `withClockSkewCheck` measures no skew, and the watermark would move into the future.
 */
export function withClockStepCheck(call: Call, toleranceMs: () => number, clock: Clock): Call {
  const wallOffset = () => clock.now() - clock.elapsed();
  return async (operation, query, signal) => {
    const before = wallOffset();
    const result = await call(operation, query, signal);
    if (Math.abs(wallOffset() - before) <= toleranceMs()) return result;
    throw new ProviderError(
      'unavailable',
      `${operation}: response discarded, because the local clock was set during the call`,
    );
  };
}
