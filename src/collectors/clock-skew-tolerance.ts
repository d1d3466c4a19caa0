import type { ControlTarget, PushTarget } from '../model/target.ts';
import { minuteMs, secondMs } from '../model/time.ts';

/** So far a clock may be wrong for a while and nothing comes of it, where no target says less. */
export const defaultToleranceMs = minuteMs;

/** A `Date` tells whole seconds, and two clocks that are kept right differ by a little: less than this says nothing. */
const leastToleranceMs = 3 * secondMs;

/** What is asked of one account. */
export interface PolledTargets {
  readonly push: readonly Pick<PushTarget, 'lookbackMs' | 'staleAfterMs'>[];
  readonly control: readonly Pick<ControlTarget, 'lookbackMs'>[];
}

/**
 * How far our clock may be wrong, so that nothing about these targets is lost, and no live stream looks silent. Asked by
 * a clock that is ahead, the watermark passes over time in which rows are still to come, and only the reach back before it
 * finds them; and each sample looks older than it is. The expected delay is used up by rows that come as late as usual.
 * What is left for the clock is the lookback, and of `staleAfterMs` what the newest sample is old anyway: up to a period.
 */
export function toleranceOf({ push, control }: PolledTargets, periodMs: number): number {
  let least = defaultToleranceMs;
  for (const { lookbackMs } of control) least = Math.min(least, lookbackMs);
  for (const { lookbackMs, staleAfterMs } of push) {
    least = Math.min(least, lookbackMs, Math.max(leastToleranceMs, staleAfterMs - periodMs));
  }
  return least;
}
