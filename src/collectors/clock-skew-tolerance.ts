import type { ControlTarget, PushTarget } from '../model/target.ts';
import { minuteMs, secondMs } from '../model/time.ts';

/**
 * Clock skew in ms (offset to the provider's clock) that does no harm, unless a target requires a smaller
 * skew.
 */
export const defaultToleranceMs = minuteMs;

/**
 * Smallest clock skew in ms that is significant. A smaller skew is noise: a `Date` header has a resolution of
 * 1 s, and two synchronized clocks differ a little.
 */
const minToleranceMs = 3 * secondMs;

/** Settings of all targets of one account that limit the tolerance. */
export interface PolledTargets {
  readonly push: readonly Pick<PushTarget, 'lookbackMs' | 'staleAfterMs'>[];
  readonly control: readonly Pick<ControlTarget, 'lookbackMs'>[];
}

/**
 * Returns the largest clock skew in ms at which no row is lost and no live stream looks silent. If the
 * exporter's clock is ahead, the watermark (end of the last request window) moves past times whose rows do
 * not exist yet, and only the lookback still finds these rows. Each sample also looks older than it is. The
 * expected delay is no reserve, because the normal delay of rows already uses it up. So the tolerance is at
 * most the lookback, and at most `staleAfterMs` minus `periodMs`, the normal age of the newest sample.
 */
export function toleranceOf({ push, control }: PolledTargets, periodMs: number): number {
  let toleranceMs = defaultToleranceMs;
  for (const { lookbackMs } of control) toleranceMs = Math.min(toleranceMs, lookbackMs);
  for (const { lookbackMs, staleAfterMs } of push) {
    toleranceMs = Math.min(toleranceMs, lookbackMs, Math.max(minToleranceMs, staleAfterMs - periodMs));
  }
  return toleranceMs;
}
