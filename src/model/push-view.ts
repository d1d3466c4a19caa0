import type { LivePush } from './live-push.ts';
import { type EpochMs, minuteMs } from './time.ts';

/** Current state of one stream, for the gauges. It is not saved, because the next answer replaces it. */
export interface PushView {
  /** undefined: the answer contained no fresh sample. */
  readonly live: LivePush | undefined;
  /** The target's watermark. */
  readonly watermark: EpochMs;
  /** When the answer was requested. */
  readonly answeredAt: EpochMs;
  /** When the stream's state becomes unknown, unless there is another answer before. */
  readonly expiresAt: EpochMs;
}

/**
 * Reports whether the view is valid at `now`: it has not expired, and the wall clock was not set back behind
 * it.
 */
export function isKnown({ answeredAt, expiresAt }: PushView, now: EpochMs): boolean {
  return now < expiresAt && now >= answeredAt - minuteMs;
}

/**
 * Maximum TTL if throttling is the cause. Equal to Prometheus' lookback delta, its own limit for a series
 * without samples.
 */
const maxThrottledTtlMs = 5 * minuteMs;

/**
 * Returns the TTL of a view: `stale_after` or three effective intervals, whichever is longer. Throttling
 * extends it to at most five minutes, because a budget cut from 20 to 1 request per second would keep ended
 * streams for hours. Long configured intervals count in full.
 */
export function viewTtlMs(
  staleAfterMs: number,
  effectiveIntervalMs: number,
  configuredIntervalMs: number,
): number {
  const maxMs = Math.max(maxThrottledTtlMs, 3 * configuredIntervalMs);
  return Math.max(staleAfterMs, Math.min(3 * effectiveIntervalMs, maxMs));
}
