import type { HistoryLimits } from './questions.ts';
import type { HistoryStep } from './record-kind.ts';
import type { PushTarget } from './target.ts';
import { nextWindow, type PollProgress, retentionMarginMs } from './target-ledger.ts';
import { type EpochMs, minuteMs } from './time.ts';

/** Plans the next request of a push target at `now` (wall clock). */
export function nextStep(
  progress: PollProgress,
  target: PushTarget,
  limits: HistoryLimits,
  now: EpochMs,
): HistoryStep {
  // `heldFloor` holds the floor back while time is empty, and the window normally starts at the floor. But a
  // part of each window is new time, so that requests with a short span or a long lookback also make
  // progress.
  const { spanMs, retentionMs } = limits;
  const step = nextWindow(progress, now, { lookbackMs: maxLookbackMs(limits), spanMs, retentionMs });
  // With a short span, the window can start after the floor. Then the empty time at the floor needs a request
  // of its own before it is confirmed. The request waits until half of its window can be confirmed, so that
  // requests for new time follow.
  const { floor } = progress;
  const isCovered = step.gap !== undefined || floor >= step.window.from || isExpired(floor, limits, now);
  const isDue = floor + limits.spanMs / 2 <= now - confirmedAfterMs(target);
  if (isCovered || !isDue) return step;
  return { window: { from: floor, to: Math.min(floor + limits.spanMs, step.window.to) }, gap: undefined };
}

/** Returns the longest time in ms before the watermark at which a window starts. */
export function maxLookbackMs({ spanMs }: Pick<HistoryLimits, 'spanMs'>): number {
  return 0.75 * spanMs;
}

/** Reports whether the provider no longer retains the time at the floor, so that no request can cover it. */
export function isExpired(floor: EpochMs, { retentionMs }: HistoryLimits, now: EpochMs): boolean {
  return floor < now - retentionMs + retentionMarginMs;
}

/**
 * Returns the age in ms at which empty time is confirmed: missing time counts, and regular requests no longer
 * cover the time. Longer than the longest backlog of a provider that the exporter handles without false
 * missing time.
 */
export function confirmedAfterMs({ expectedDelayMs }: PushTarget): number {
  return expectedDelayMs + backlogMs;
}

/**
 * Longest time in ms that a provider can deliver nothing, and then everything, without false missing time.
 */
const backlogMs = 16 * minuteMs;
