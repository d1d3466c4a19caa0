import type { ControlTarget, PushTarget } from '../model/target.ts';
import { minuteMs, secondMs } from '../model/time.ts';

/** Clock skew that does no harm if no target requires less. */
export const defaultToleranceMs = minuteMs;

/** A `Date` header has a resolution of 1 s, and two synchronized clocks differ a little: less is noise. */
const minToleranceMs = 3 * secondMs;

/** All targets of one account. */
export interface PolledTargets {
  readonly push: readonly Pick<PushTarget, 'lookbackMs' | 'staleAfterMs'>[];
  readonly control: readonly Pick<ControlTarget, 'lookbackMs'>[];
}

/**
 * Returns the clock skew up to which these targets lose nothing and no live stream looks silent. If the clock is ahead,
 * the watermark passes time whose rows appear later, and only the lookback finds them; also, each sample looks older than
 * it is. The expected delay does not help: rows that are late as usual use it up. What remains is the lookback, and
 * `staleAfterMs` less one period, which is the normal age of the newest sample.
 */
export function toleranceOf({ push, control }: PolledTargets, periodMs: number): number {
  let toleranceMs = defaultToleranceMs;
  for (const { lookbackMs } of control) toleranceMs = Math.min(toleranceMs, lookbackMs);
  for (const { lookbackMs, staleAfterMs } of push) {
    toleranceMs = Math.min(toleranceMs, lookbackMs, Math.max(minToleranceMs, staleAfterMs - periodMs));
  }
  return toleranceMs;
}
