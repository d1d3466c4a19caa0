import type { ControlTarget, PushTarget } from '../model/target.ts';
import { minuteMs, secondMs } from '../model/time.ts';

/**
 * Clock skew in ms that does no harm, unless the settings of a target require a smaller one. Clock skew is
 * the offset to the provider's clock.
 */
export const defaultToleranceMs = minuteMs;

/**
 * Smallest clock skew in ms that is significant. Anything smaller is measurement noise: a `Date` header has a
 * resolution of 1 s, and even synchronized clocks differ slightly.
 */
const minToleranceMs = 3 * secondMs;

/** Settings of all targets of one account that limit the tolerance. */
export interface PolledTargets {
  readonly push: readonly Pick<PushTarget, 'lookbackMs' | 'staleAfterMs'>[];
  readonly control: readonly Pick<ControlTarget, 'lookbackMs'>[];
  readonly discovery: readonly { readonly push: Pick<PushTarget, 'lookbackMs' | 'staleAfterMs'> }[];
}

/**
 * Returns the largest clock skew in ms at which no row is lost and no live stream looks silent. If the
 * exporter's clock is ahead, the watermark (end of the last request window) passes times whose rows do not
 * exist yet, and only the lookback still covers these rows. Also, each sample looks older than it is. The
 * expected delay is no reserve, because the normal delay of rows uses it up. So the tolerance is at most the
 * lookback, and at most `staleAfterMs` minus `periodMs`, which is the normal age of the newest sample.
 */
export function toleranceOf({ push, control, discovery }: PolledTargets, periodMs: number): number {
  let toleranceMs = defaultToleranceMs;
  for (const { lookbackMs } of control) toleranceMs = Math.min(toleranceMs, lookbackMs);
  for (const { lookbackMs, staleAfterMs } of [...push, ...discovery.map((each) => each.push)]) {
    toleranceMs = Math.min(toleranceMs, lookbackMs, Math.max(minToleranceMs, staleAfterMs - periodMs));
  }
  return toleranceMs;
}
