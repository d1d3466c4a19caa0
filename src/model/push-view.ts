import type { LivePush } from './live-push.ts';
import { type EpochMs, minuteMs } from './time.ts';

/**
 * Current state of one stream, for the gauges. The view is not saved, because the next answer replaces it.
 */
export interface PushView {
  /** Live publishers of the stream. undefined if the answer contained no fresh sample. */
  readonly live: LivePush | undefined;
  /** Watermark of the target: end of the last successful request window (epoch ms). */
  readonly watermark: EpochMs;
  /** Wall time at which the answer was requested (epoch ms). */
  readonly answeredAt: EpochMs;
  /**
   * Wall time at which the stream's state becomes unknown, unless another answer arrives before (epoch ms).
   */
  readonly expiresAt: EpochMs;
}

/**
 * Reports whether the view is valid at `now`: the view has not expired, and the wall clock was not set back
 * to more than a minute before `answeredAt`.
 */
export function isKnown({ answeredAt, expiresAt }: PushView, now: EpochMs): boolean {
  return now < expiresAt && now >= answeredAt - minuteMs;
}

/**
 * Maximum TTL (lifetime) of a view in ms if throttling makes the interval longer. Equal to Prometheus'
 * lookback delta, after which Prometheus itself drops a series without samples.
 */
const maxThrottledTtlMs = 5 * minuteMs;

/**
 * Returns the TTL (lifetime) of a view in ms: `staleAfterMs` or three effective intervals, whichever is
 * longer. Throttling extends the TTL to at most five minutes: otherwise a budget cut from 20 to 1 request per
 * second would keep ended streams for hours. Long configured intervals count in full.
 */
export function viewTtlMs(
  staleAfterMs: number,
  effectiveIntervalMs: number,
  configuredIntervalMs: number,
): number {
  const maxMs = Math.max(maxThrottledTtlMs, 3 * configuredIntervalMs);
  return Math.max(staleAfterMs, Math.min(3 * effectiveIntervalMs, maxMs));
}
