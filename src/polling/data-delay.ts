import { createNewestTwo } from '../model/newest-two.ts';
import { createObservedDelay } from '../model/observed-delay.ts';
import type { PushLedger } from '../model/push-ledger.ts';
import { type Freshness, silentAfterMs } from '../model/push-sample.ts';
import { type EpochMs, minuteMs, secondMs, type Window } from '../model/time.ts';
import { createNumberRows } from './number-rows.ts';

/** Columns of the table with what the answers have shown of each target. */
const columns = {
  /** Start of the window of the last request (epoch ms). */
  requestedFrom: 0,
  /** Wall time of the last request, whose window reached to this time (epoch ms). */
  requestedAt: 1,
  /** Time of the newest sample (epoch ms). NaN before the first sample. */
  newestAt: 2,
  /** Wall time of the request that first returned the newest sample (epoch ms). NaN if only its saved delay is known. */
  newestSeenAt: 3,
  /** `newestDelayMs` of the saved ledger, until a sample is newer than the saved ones. NaN if it is unknown. */
  savedDelayMs: 4,
  /** One of `states`. */
  state: 5,
} as const;

/** What the last answer of a target left open. */
const states = {
  decided: 0,
  /**
   * The only answer since the start of the program, which does not continue the saved ones: decided if it contains a
   * fresh sample.
   */
  first: 1,
  /** It is unknown whether the stream is live. */
  undecided: 2,
  /** There is no answer since the start of the program, but a saved record. */
  resumed: 3,
} as const;

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

/**
 * Minimum time in ms without an answer after which the first answer of a program does not continue those of the
 * program before it.
 */
const minPauseMs = minuteMs;

/** Minimum tolerance in ms between the ends of two streams that fell silent at the same time. */
const minToleranceMs = 15 * secondMs;

/** Answer to a request. */
export interface Sighting {
  /** Time of the newest sample (epoch ms); undefined without a sample. */
  readonly newestAt: EpochMs | undefined;
  /** Time range of the request, which reached to its wall time `to`. */
  readonly window: Window;
  readonly effectiveIntervalMs: number;
}

/** Part of a saved push ledger that shows when its newest sample became available. */
type SavedNewest = Pick<PushLedger, 'newestAt' | 'newestDelayMs'>;

export type DataDelay = ReturnType<typeof createDataDelay>;

/**
 * Creates the observation of how late the provider delivers the samples of one account. An answer proves a delay
 * if it contains a sample that the previous answer of the target did not contain, although the window of the
 * previous request covered that sample. `onSlot` receives the shortest delay (ms) of each time slot.
 */
export function createDataDelay(onSlot: (shortestMs: number) => void) {
  const seen = createNumberRows(Object.keys(columns).length);
  const observed = createObservedDelay(onSlot);
  const newest = createNewestTwo(() =>
    seen
      .entries()
      .map(([key, row]) => [key, seen.get(row, columns.newestAt)] as const)
      .filter(([, newestAt]) => !Number.isNaN(newestAt)),
  );
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

  /**
   * Reports whether the next answer of a target can be compared with the one before it. The first answer of a program
   * continues those of the program before it if the pause was short and the window covers it.
   */
  function continues(row: number, { from, to: now }: Window, effectiveIntervalMs: number): boolean {
    if (seen.get(row, columns.state) !== states.resumed) return true;
    const savedTo = seen.get(row, columns.requestedAt);
    return from <= savedTo && now - savedTo <= Math.max(minPauseMs, 3 * effectiveIntervalMs);
  }

  /** Reports whether no answer of a target has contained a sample. */
  const isSilentSoFar = (row: number) => Number.isNaN(seen.get(row, columns.newestAt));

  return {
    /** Adds a target whose record was saved, with the time range that its requests have covered. */
    resume(key: string, { newestAt, newestDelayMs }: SavedNewest, covered: Window): void {
      const row = seen.find(key) ?? seen.add(key);
      seen.set(row, columns.requestedFrom, covered.from);
      seen.set(row, columns.requestedAt, covered.to);
      seen.set(row, columns.newestAt, newestAt ?? Number.NaN);
      // Where it is known, the saved delay says it better.
      seen.set(row, columns.newestSeenAt, newestDelayMs === undefined ? covered.to : Number.NaN);
      seen.set(row, columns.savedDelayMs, newestDelayMs ?? Number.NaN);
      seen.set(row, columns.state, states.resumed);
      if (newestAt !== undefined) newest.add(key, newestAt);
    },
    remove(key: string): void {
      seen.remove(key);
      newest.remove(key);
    },
    /** Adds an answer. */
    sighted(key: string, { newestAt, window: { from, to: now }, effectiveIntervalMs }: Sighting): void {
      const known = seen.find(key);
      const row = known ?? seen.add(key);
      const isContinued = known !== undefined && continues(row, { from, to: now }, effectiveIntervalMs);
      const before = seen.get(row, columns.newestAt);
      if (newestAt !== undefined && !(newestAt <= before)) {
        const requestedFrom = seen.get(row, columns.requestedFrom);
        if (newestAt >= requestedFrom) observed.add(seen.get(row, columns.requestedAt) - newestAt, now);
        seen.set(row, columns.newestAt, newestAt);
        seen.set(row, columns.newestSeenAt, now);
        seen.set(row, columns.savedDelayMs, Number.NaN);
        newest.add(key, newestAt);
      } else if (known === undefined) seen.set(row, columns.newestSeenAt, now);
      seen.set(row, columns.requestedFrom, from);
      seen.set(row, columns.requestedAt, now);
      seen.set(row, columns.state, isContinued ? states.decided : states.first);
    },
    /** Returns the larger of the expected delay and the delay that was observed lately, in ms. */
    effectiveMs: (expectedMs: number): number => Math.max(expectedMs, observed.longestMs()),
    /**
     * Reports whether the silence of a target is undecided after an answer without a fresh sample: the target
     * just started, or the provider can be late, or the account lags. Call `isUndecided` after `sighted`.
     */
    isUndecided(key: string, now: EpochMs, settings: SilenceSettings): boolean {
      const row = seen.find(key);
      if (row === undefined) return true;
      const minSilenceMs = silentAfterMs(settings.staleAfterMs, settings.periodMs);
      const newestAt = seen.get(row, columns.newestAt);
      const hasSample = !isSilentSoFar(row);
      // Call it for a first answer too, because it updates the lag of the account.
      const isLagging = hasSample && fellSilentTogether(key, newestAt, now, settings);
      // After a setback of the clock, the time is in the future and says nothing.
      const isRecent = hasSample && Math.abs(now - seen.get(row, columns.newestSeenAt)) < minSilenceMs;
      // A program before this one knew how late the samples are. A comparison with NaN is false.
      const isLate = Math.abs(now - newestAt) < seen.get(row, columns.savedDelayMs) + minSilenceMs;
      const isUndecided = isLagging || isRecent || isLate || seen.get(row, columns.state) === states.first;
      seen.set(row, columns.state, isUndecided ? states.undecided : states.decided);
      return isUndecided;
    },
    /**
     * Reports whether the next request of a target should be a probe. It is unknown whether the program before this one
     * has sent one for a stream without samples.
     */
    needsProbe(key: string): boolean {
      const row = seen.find(key);
      if (row === undefined) return false;
      const state = seen.get(row, columns.state);
      return state === states.undecided || (state === states.resumed && isSilentSoFar(row));
    },
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
