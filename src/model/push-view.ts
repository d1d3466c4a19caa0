import type { LivePush } from './live-push.ts';
import { type EpochMs, minuteMs } from './time.ts';

/** What is known of one stream right now: the gauges. It need not be saved, since the next answer brings it anew. */
export interface PushView {
  /** undefined: an answer came, and it held no fresh sample. */
  readonly live: LivePush | undefined;
  /** The target's watermark. */
  readonly watermark: EpochMs;
  /** When the answer was asked for. */
  readonly answeredAt: EpochMs;
  /** Without another answer by then, nothing is known any more. */
  readonly expiresAt: EpochMs;
}

/** Whether the view still says something at `now`: until it is too old, or the wall clock was set back behind it. */
export function isKnown({ answeredAt, expiresAt }: PushView, now: EpochMs): boolean {
  return now < expiresAt && now >= answeredAt - minuteMs;
}

/** As long as Prometheus itself goes on with the last value of a series that it can't scrape. */
const longestKnownMs = 5 * minuteMs;

/**
 * For how long an answer says something of its stream: until three rounds brought no other. Rounds that are long because
 * the budget was configured so count in full. Those that are long because the provider throttles count up to five
 * minutes: a budget of 20 calls a second that is cut to one would have an answer outlive its stream by hours.
 */
export function viewTtlMs(
  staleAfterMs: number,
  effectiveIntervalMs: number,
  configuredIntervalMs: number,
): number {
  const longestMs = Math.max(longestKnownMs, 3 * configuredIntervalMs);
  return Math.max(staleAfterMs, Math.min(3 * effectiveIntervalMs, longestMs));
}
