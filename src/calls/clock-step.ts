import { ProviderError } from '../model/answer.ts';
import type { Clock } from '../model/time.ts';
import type { Call } from './call.ts';

/**
 * Discards a response if the wall clock was stepped by more than `toleranceMs` during the call, because the
 * request window was computed from the time before the step. `withClockSkewCheck` cannot detect this case: if
 * the clock was ahead and is now correct, the response shows no skew, but the watermark would move into the
 * future.
 */
export function withClockStepCheck(call: Call, toleranceMs: () => number, clock: Clock): Call {
  const wallOffset = () => clock.now() - clock.elapsed();
  return async (operation, query, signal) => {
    const before = wallOffset();
    const result = await call(operation, query, signal);
    if (Math.abs(wallOffset() - before) <= toleranceMs()) return result;
    throw new ProviderError(
      'unavailable',
      `${operation}: response discarded, because the clock of this host changed during the request`,
      { reason: 'clock' },
    );
  };
}
