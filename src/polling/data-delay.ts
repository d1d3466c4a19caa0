import { createNewestTwo } from '../model/newest-two.ts';
import { createObservedDelay } from '../model/observed-delay.ts';
import { type Freshness, silentAfterMs } from '../model/push-sample.ts';
import { type EpochMs, minuteMs, secondMs, type Window } from '../model/time.ts';

/** What the answers have shown of one target. */
interface Sighting {
  /** Start of the window of the last request (epoch ms). */
  readonly askedFrom: EpochMs;
  /** Wall time of the last request, whose window reached to this time (epoch ms). */
  readonly askedAt: EpochMs;
  /** Time of the newest sample (epoch ms). undefined before the first sample. */
  readonly newestAt: EpochMs | undefined;
  /** Wall time of the request that first returned the newest sample (epoch ms). */
  readonly newestSeenAt: EpochMs;
  /** Whether the target has had only one answer. */
  readonly isFirst: boolean;
  /** Whether the last answer left open whether the stream is live. */
  isUndecided: boolean;
}

/** Settings of a target that decide whether its silence can have another cause than the end of its push. */
export interface SilenceSettings extends Freshness {
  /** Time that the target's samples normally cover, in ms. */
  readonly periodMs: number;
  readonly effectiveIntervalMs: number;
  /** Whether the schedule expects the stream not to be live now, so that silence is normal. */
  readonly isExpectedSilent: boolean;
}

/**
 * How far before now a probe looks for samples, in ms. A probe is a regular request with a longer window. It
 * finds delays up to this length when a target starts.
 */
export const probeMs = 20 * minuteMs;

/**
 * Longest time in ms for which a common silence of several streams counts as lag of the provider. Afterwards the
 * streams count as silent.
 */
const maxLagMs = 15 * minuteMs;

/** Minimum tolerance in ms between the ends of two streams that fell silent at the same time. */
const minToleranceMs = 15 * secondMs;

export type DataDelay = ReturnType<typeof createDataDelay>;

/**
 * Creates the observation of how late the provider delivers the samples of one account. An answer proves a delay
 * if it contains a sample that the previous answer of the target did not contain, although the window of the
 * previous request covered that sample. `onSlot` receives the shortest delay (ms) of each time slot.
 */
export function createDataDelay(onSlot: (shortestMs: number) => void) {
  const sightings = new Map<string, Sighting>();
  const observed = createObservedDelay(onSlot);
  const newest = createNewestTwo();
  /** How far the account lags, and until when this is valid without another answer. undefined: it does not lag. */
  let lag: { readonly until: EpochMs; readonly behindMs: number } | undefined;

  /**
   * Reports whether another stream fell silent at the same time and no stream has newer samples: the account
   * probably lags. Also updates `lag`, but only for a stream that stopped as late as the newest samples of the account:
   * the silence of a stream that stopped earlier shows nothing about the provider.
   */
  function fellSilentTogether(key: string, ownAt: EpochMs, now: EpochMs, settings: SilenceSettings): boolean {
    const { periodMs, effectiveIntervalMs, isExpectedSilent, expectedDelayMs } = settings;
    const otherAt = newest.besides(key);
    if (otherAt === undefined || isExpectedSilent) return false;
    const toleranceMs = effectiveIntervalMs + Math.max(3 * periodMs, minToleranceMs);
    if (Math.abs(otherAt - ownAt) > toleranceMs) return false;
    const behindMs = now - Math.max(otherAt, ownAt) - expectedDelayMs;
    const isLagging = behindMs <= silentAfterMs(settings.staleAfterMs, periodMs) + maxLagMs;
    lag = isLagging ? { until: now + Math.max(minuteMs, 3 * effectiveIntervalMs), behindMs } : undefined;
    return isLagging;
  }

  return {
    /**
     * Adds a target whose record was saved: the time of its newest sample (epoch ms), and the time range that its
     * requests have covered.
     */
    resume(key: string, newestAt: EpochMs | undefined, asked: Window): void {
      sightings.set(key, {
        askedFrom: asked.from,
        askedAt: asked.to,
        newestAt,
        newestSeenAt: asked.to,
        isFirst: false,
        isUndecided: false,
      });
      if (newestAt !== undefined) newest.add(key, newestAt);
    },
    remove(key: string): void {
      sightings.delete(key);
      newest.remove(
        key,
        sightings.entries().map(([other, { newestAt }]) => [other, newestAt] as const),
      );
    },
    /** Adds the answer to a request whose window reached to the wall time `window.to`. */
    sighted(key: string, newestAt: EpochMs | undefined, { from, to: now }: Window): void {
      const known = sightings.get(key);
      const isNewer = newestAt !== undefined && newestAt > (known?.newestAt ?? Number.NEGATIVE_INFINITY);
      if (isNewer) {
        if (known !== undefined && newestAt >= known.askedFrom) observed.add(known.askedAt - newestAt, now);
        newest.add(key, newestAt);
      }
      sightings.set(key, {
        askedFrom: from,
        askedAt: now,
        newestAt: isNewer ? newestAt : known?.newestAt,
        newestSeenAt: isNewer || known === undefined ? now : known.newestSeenAt,
        isFirst: known === undefined,
        isUndecided: false,
      });
    },
    /** Returns the larger of the expected delay and the delay that was observed lately, in ms. */
    effectiveMs: (expectedMs: number): number => Math.max(expectedMs, observed.longestMs()),
    /**
     * Reports whether the silence of a target is undecided after an answer without a fresh sample: the target
     * just started, or the provider can be late, or the account lags. Call `isUndecided` after `sighted`.
     */
    isUndecided(key: string, now: EpochMs, settings: SilenceSettings): boolean {
      const known = sightings.get(key);
      if (known === undefined) return true;
      const { newestAt, newestSeenAt, isFirst } = known;
      const minSilenceMs = silentAfterMs(settings.staleAfterMs, settings.periodMs);
      const isLagging = newestAt !== undefined && fellSilentTogether(key, newestAt, now, settings);
      known.isUndecided =
        isFirst || isLagging || (newestAt !== undefined && now - newestSeenAt < minSilenceMs);
      return known.isUndecided;
    },
    /** Reports whether the next request of a target should be a probe. */
    needsProbe: (key: string): boolean => sightings.get(key)?.isUndecided ?? false,
    /** Ends the lag of the account, because an answer contained a fresh sample. */
    endLag(): void {
      lag = undefined;
    },
    /**
     * Returns how far the newest sample of all streams is behind the effective delay, in ms, as of the last answer of
     * a stream. 0 if the account does not lag, or if answers are missing.
     */
    lagMs: (now: EpochMs): number => (lag !== undefined && now < lag.until ? Math.max(0, lag.behindMs) : 0),
  };
}
