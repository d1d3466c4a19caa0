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
 * Returns the largest clock skew in ms at which no row is lost and no live stream looks silent. If the
 * exporter's clock is
 * ahead, the watermark moves past times whose rows do not exist yet, and only the lookback still finds those
 * rows. Each
 * sample also looks older than it is. The expected delay is not available as reserve, because the normal
 * delay of rows
 * already uses it. So the limits are the lookback, and `staleAfterMs` minus one period, the normal age of the
 * newest
 * sample.
 */
export function toleranceOf({ push, control }: PolledTargets, periodMs: number): number {
  let toleranceMs = defaultToleranceMs;
  for (const { lookbackMs } of control) toleranceMs = Math.min(toleranceMs, lookbackMs);
  for (const { lookbackMs, staleAfterMs } of push) {
    toleranceMs = Math.min(toleranceMs, lookbackMs, Math.max(minToleranceMs, staleAfterMs - periodMs));
  }
  return toleranceMs;
}
