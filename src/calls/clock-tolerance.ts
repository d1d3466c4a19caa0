import { minuteMs } from '../model/time.ts';

/** So far a clock may be wrong for a while and nothing comes of it, where the lookback is no shorter. */
export const usualToleranceMs = minuteMs;

/**
 * How far our clock may be wrong, so that nothing about these targets is lost: asked by a clock that is ahead, the
 * watermark passes over time in which rows are still to come, and only the reach back before it finds them. Of that reach
 * the expected delay is used up by rows that come as late as usual; what is left for the clock is the lookback.
 */
export function toleranceOf(targets: readonly { readonly lookbackMs: number }[]): number {
  return targets.reduce((least, { lookbackMs }) => Math.min(least, lookbackMs), usualToleranceMs);
}
