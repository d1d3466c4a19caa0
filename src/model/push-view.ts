import { type LivePush, newestOf } from './live-push.ts';
import { type EpochMs, minuteMs } from './time.ts';

/**
 * Current state of one stream, which the gauges show. It is not saved, because the next answer replaces it.
 */
export interface PushView {
  /** Live publishers of the stream; undefined if the answer contained no fresh sample. */
  readonly live: LivePush | undefined;
  /**
   * Whether the answer leaves open if the stream is live: it contained no fresh sample, but the provider can be
   * late, or there are rows that could not be read and that can be fresh.
   */
  readonly isUnknown: boolean;
  /**
   * Whether the state comes from a list of live pushes and not from history. If the list has no time of
   * measurement (`hasTimes` is absent), the times of the samples in `live` are the time of the list, and must
   * not be exposed as times of samples.
   */
  readonly isListed?: true;
  /** Whether the list has a time of measurement, which is then the time of the samples in `live`. */
  readonly hasTimes?: true;
  /**
   * Watermark of the target: the end of the last successful request window (epoch ms). undefined if there was
   * no such request yet.
   */
  readonly watermark: EpochMs | undefined;
  /**
   * Wall time at which the answer was requested (epoch ms), or time of measurement of the list if it has one:
   * time up to which the state was known.
   */
  readonly answeredAt: EpochMs;
  /**
   * Wall time at which the state of the stream becomes unknown if no other answer arrives before (epoch ms).
   */
  readonly expiresAt: EpochMs;
  /** Time since which the stream has been in its state (see `beginOfState`; epoch ms). */
  readonly since: EpochMs;
  /**
   * Time from which on the stream is pushed again (see `pushedAgainFrom`; epoch ms). Absent unless the answer before
   * showed that nobody pushed it, and if the state comes from a list.
   */
  readonly pushedFrom?: EpochMs | undefined;
  /** Whether the state can have begun before `since`, because `since` is the time of the first answer. */
  readonly isSinceFirst: boolean;
}

/**
 * Returns the time of the newest sample of the view (epoch ms); undefined if there is none, or if its time is
 * unknown.
 */
export function sampleTimeOf({ live, isListed, hasTimes }: PushView): EpochMs | undefined {
  return live === undefined || (isListed && !hasTimes) ? undefined : newestOf(live);
}

/**
 * Reports whether the view shows the state of the stream at `now`: the newest rows of the answer could be
 * read, the view has not expired, and the wall clock was not set back since the answer.
 */
export function isKnown(view: PushView, now: EpochMs): boolean {
  return !view.isUnknown && now < view.expiresAt && !isAhead(view, now);
}

/** Reports whether the view is from a later time than `now`: the wall clock was set back by more than a minute. */
export function isAhead({ answeredAt }: PushView, now: EpochMs): boolean {
  return now < answeredAt - minuteMs;
}

/**
 * Maximum TTL (lifetime) of a view in ms if only throttling makes the interval longer. It equals the lookback
 * delta of Prometheus, after which Prometheus itself drops a series without samples.
 */
const maxThrottledTtlMs = 5 * minuteMs;

/**
 * Returns the TTL (lifetime) of a view in ms: `staleAfterMs` or three effective intervals, whichever is
 * longer. If the effective interval is long because of throttling, the TTL is at most five minutes:
 * otherwise, a rate cut from 20 to 1 request per second would keep streams that have ended for hours. An
 * interval that is long by configuration is not limited.
 */
export function viewTtlMs(
  staleAfterMs: number,
  effectiveIntervalMs: number,
  configuredIntervalMs: number,
): number {
  const maxMs = Math.max(maxThrottledTtlMs, 3 * configuredIntervalMs);
  return Math.max(staleAfterMs, Math.min(3 * effectiveIntervalMs, maxMs));
}
