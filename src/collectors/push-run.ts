import { livePush } from '../model/live-push.ts';
import { beginAnew, countAnswer, freshMs, isUnasked, nextStep } from '../model/push-record.ts';
import type { PushSample } from '../model/push-sample.ts';
import { knownMs, type PushView } from '../model/push-view.ts';
import type { PushHistorySource } from '../model/questions.ts';
import type { SavedPush } from '../model/saved-record.ts';
import { isDue } from '../model/schedule.ts';
import { type PushTarget, pushTargetKey, streamKeyOf } from '../model/target.ts';
import type { SkippedRows } from '../model/target-ledger.ts';
import { type EpochMs, secondMs, type Window } from '../model/time.ts';
import type { Collected, RunEnd } from './collector.ts';
import type { Keeper } from './keeper.ts';

/** A push target under the key of its ledger. */
export interface CollectedPush extends Collected {
  readonly target: PushTarget;
  /** Made once, and not with every answer. */
  readonly streamKey: string;
}

export function toCollectedPush(target: PushTarget): CollectedPush {
  const key = pushTargetKey(target);
  return { key, target, streamKey: streamKeyOf(key), intervalMs: target.intervalMs };
}

export function isDueNow({ target: { expectation } }: CollectedPush, now: EpochMs): boolean {
  return expectation.live !== undefined && isDue(expectation.live, now);
}

/** What came of a history answer, besides the record that the keeper has. */
export interface CountedPush {
  readonly fresh: readonly PushSample[];
  readonly skipped: SkippedRows;
  readonly malformed: number;
  readonly notes: readonly string[];
  /** Time that could not be asked about any more; it is counted as a gap. */
  readonly lost: Window | undefined;
  /** false while history is caught up with: then the age of a sample says nothing about the provider's delay. */
  readonly live: boolean;
}

export interface PushRunParts {
  /** Asked anew for each run: a reload may replace it. */
  readonly source: () => PushHistorySource;
  readonly keeper: Keeper;
  /** How long a round of the collector takes, now and at all of the budget that was configured. */
  readonly roundMs: () => number;
  readonly configuredRoundMs: () => number;
  readonly onCounted: (target: CollectedPush, counted: CountedPush, now: EpochMs) => void;
  /** What the target's last answer showed; undefined before the first. */
  readonly viewOf: (target: CollectedPush) => PushView | undefined;
  readonly onView: (target: CollectedPush, view: PushView) => void;
  /** The clock was set back behind all that can be counted: until then nothing is. */
  readonly onWaiting: (target: CollectedPush, until: EpochMs, now: EpochMs) => void;
}

export type PushRun = (target: CollectedPush, now: EpochMs, signal: AbortSignal) => Promise<RunEnd>;

/**
 * One run for one push target: a history call, which counts, and while that does not reach up to now a peek, which only
 * shows. A call that fails leaves the record as it was before it.
 */
export function createPushRun(parts: PushRunParts): PushRun {
  const { source, keeper, roundMs, configuredRoundMs, onCounted, viewOf, onView, onWaiting } = parts;

  const recordOf = (key: string): SavedPush => {
    const record = keeper.record(key);
    if (record?.question !== 'push_stats') throw new Error(`no push record is held for ${key}`);
    return record;
  };

  async function count(collected: CollectedPush, now: EpochMs, signal: AbortSignal) {
    const { key, target } = collected;
    const { limits, listPushSamples } = source();
    const before = keeper.askedTo(key);
    if (before === undefined) throw new Error(`no record is held for ${key}`);
    const step = nextStep(before, target, limits, now);
    const { window, lost } = step;
    if (window.from >= window.to) {
      const held = recordOf(key);
      if (isUnasked(held)) keeper.take({ ...held, ...beginAnew(held, target, now) });
      else onWaiting(collected, window.from, now);
      return { isAsked: false, reachesNow: false, samples: [], watermark: recordOf(key).target.watermark };
    }
    const { items, malformed, notes } = await listPushSamples(target.stream, window, signal);
    // The record as it is now: its counters may have left 0 meanwhile.
    const record = recordOf(key);
    const counted = countAnswer(record, step, target, limits, now, items);
    keeper.take({ ...record, ...counted.record });
    const { fresh, skipped } = counted;
    const live = now - before.watermark <= 2 * roundMs();
    onCounted(collected, { fresh, skipped, malformed, notes, lost, live }, now);
    return {
      isAsked: true,
      reachesNow: window.to > now - secondMs,
      samples: items,
      watermark: counted.record.target.watermark,
    };
  }

  async function peek({ target }: CollectedPush, now: EpochMs, signal: AbortSignal) {
    const window = { from: now - freshMs(target), to: now };
    return (await source().listPushSamples(target.stream, window, signal)).items;
  }

  return async (collected, now, signal) => {
    const { target } = collected;
    const counted = await count(collected, now, signal);
    const samples = counted.reachesNow ? counted.samples : await peek(collected, now, signal);
    onView(collected, {
      live: livePush(viewOf(collected)?.live, samples, now, freshMs(target)),
      watermark: counted.watermark,
      answeredAt: now,
      unknownAt: now + knownMs(target.staleAfterMs, roundMs(), configuredRoundMs()),
    });
    return { behind: counted.isAsked && !counted.reachesNow };
  };
}
