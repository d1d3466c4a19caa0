import type { Answer } from '../model/answer.ts';
import { livePush } from '../model/live-push.ts';
import {
  beginAnew,
  countAnswer,
  freshMs,
  isUnasked,
  nextStep,
  type PushStep,
  pushComesBack,
} from '../model/push-record.ts';
import type { PushSample } from '../model/push-sample.ts';
import { knownMs, type PushView } from '../model/push-view.ts';
import type { HistoryLimits, PushHistorySource } from '../model/questions.ts';
import type { SavedPush } from '../model/saved-record.ts';
import { isDue } from '../model/schedule.ts';
import { type PushTarget, pushTargetKey, streamKeyOf } from '../model/target.ts';
import { type AskedTo, outOfReach, type SkippedRows } from '../model/target-ledger.ts';
import { type EpochMs, secondMs, type Window } from '../model/time.ts';
import type { Collected, RunEnd } from './poller.ts';
import type { Keeper } from './record-cache.ts';

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

interface AskedStep extends PushStep {
  readonly limits: HistoryLimits;
  /** The record that it was made of. */
  readonly before: AskedTo;
}

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

  const askedTo = (key: string): AskedTo => {
    const known = keeper.askedTo(key);
    if (known === undefined) throw new Error(`no record is held for ${key}`);
    return known;
  };

  /** What to ask; undefined while our clock is behind all that can be counted. */
  function stepOf(collected: CollectedPush, limits: HistoryLimits, now: EpochMs): AskedStep | undefined {
    const { key, target } = collected;
    const before = askedTo(key);
    const { window, lost } = nextStep(before, target, limits, now);
    if (window.from < window.to) return { window, lost, limits, before };
    const held = recordOf(key);
    // Where no answer came since it began, or came back, only that has to be moved: nothing can be counted twice.
    if (lost !== undefined) keeper.take({ ...held, ...pushComesBack(held, target, now) });
    else if (isUnasked(held)) keeper.take({ ...held, ...beginAnew(held, target, now) });
    else onWaiting(collected, window.from, now);
    return undefined;
  }

  function count(collected: CollectedPush, step: AskedStep, answer: Answer<PushSample>, now: EpochMs): void {
    const { key, target } = collected;
    const { items, malformed, notes } = answer;
    // The record as it is now: its counters may have left 0 meanwhile.
    const { question, targetKey, streamKey, frozenAt, ...before } = recordOf(key);
    const { record, fresh, skipped } = countAnswer(before, step, target, step.limits, now, items);
    keeper.take({ question, targetKey, streamKey, frozenAt, target: record.target, push: record.push });
    const live = now - step.before.watermark <= 2 * roundMs();
    const lost = outOfReach(step.lost, step.before);
    onCounted(collected, { fresh, skipped, malformed, notes, lost, live }, now);
  }

  return async (collected, now, signal) => {
    const { key, target } = collected;
    const { stream, staleAfterMs } = target;
    const { limits, listPushSamples } = source();
    const step = stepOf(collected, limits, now);
    let reachesNow = false;
    let samples: readonly PushSample[] = [];
    if (step !== undefined) {
      const answer = await listPushSamples(stream, step.window, signal);
      count(collected, step, answer, now);
      reachesNow = step.window.to > now - secondMs;
      samples = answer.items;
    }
    if (!reachesNow) {
      const peeked = { from: now - freshMs(target), to: now };
      samples = (await source().listPushSamples(stream, peeked, signal)).items;
    }
    onView(collected, {
      live: livePush(viewOf(collected)?.live, samples, now, freshMs(target)),
      watermark: askedTo(key).watermark,
      answeredAt: now,
      unknownAt: now + knownMs(staleAfterMs, roundMs(), configuredRoundMs()),
    });
    return { behind: step !== undefined && !reachesNow };
  };
}
