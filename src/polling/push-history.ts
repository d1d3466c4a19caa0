import type { Answer } from '../model/answer.ts';
import { livePush } from '../model/live-push.ts';
import {
  countAnswer,
  freshMs,
  nextStep,
  type PushStep,
  restartPush,
  resumePush,
  wasPushNeverPolled,
} from '../model/push-record.ts';
import type { PushSample } from '../model/push-sample.ts';
import { type PushView, viewTtlMs } from '../model/push-view.ts';
import type { HistoryLimits, PushHistorySource } from '../model/questions.ts';
import type { SavedPush } from '../model/saved-record.ts';
import { isDue } from '../model/schedule.ts';
import { type PushTarget, pushTargetKey, streamKeyOf } from '../model/target.ts';
import { expiredGap, type PollProgress, type SkippedRows } from '../model/target-ledger.ts';
import { type EpochMs, secondMs, type Window } from '../model/time.ts';
import type { PollTarget, RunResult } from './poller.ts';
import type { RecordCache } from './record-cache.ts';

/** A push target under the key of its ledger. */
export interface PushPollTarget extends PollTarget {
  readonly target: PushTarget;
  /** Made once, and not with every answer. */
  readonly streamKey: string;
}

export function toPushPollTarget(target: PushTarget): PushPollTarget {
  const key = pushTargetKey(target);
  return { key, target, streamKey: streamKeyOf(key), intervalMs: target.intervalMs };
}

export function isDueNow({ target: { expectation } }: PushPollTarget, now: EpochMs): boolean {
  return expectation.live !== undefined && isDue(expectation.live, now);
}

/** What came of a history answer, besides the record that the keeper has. */
export interface CountedPush {
  readonly added: readonly PushSample[];
  readonly skipped: SkippedRows;
  readonly malformed: number;
  readonly warnings: readonly string[];
  /** Time that could not be asked about any more; it is counted as a gap. */
  readonly gap: Window | undefined;
  /** false while history is caught up with: then the age of a sample says nothing about the provider's delay. */
  readonly isCaughtUp: boolean;
}

export interface PushRunParts {
  /** Asked anew for each run: a reload may replace it. */
  readonly source: () => PushHistorySource;
  readonly cache: RecordCache;
  /** How long a round of the collector takes, now and at all of the budget that was configured. */
  readonly effectiveIntervalMs: () => number;
  readonly configuredIntervalMs: () => number;
  readonly onCounted: (target: PushPollTarget, counted: CountedPush, now: EpochMs) => void;
  /** What the target's last answer showed; undefined before the first. */
  readonly viewOf: (target: PushPollTarget) => PushView | undefined;
  readonly onView: (target: PushPollTarget, view: PushView) => void;
  /** The clock was set back behind all that can be counted: until then nothing is. */
  readonly onWaiting: (target: PushPollTarget, until: EpochMs, now: EpochMs) => void;
}

export type PushRun = (target: PushPollTarget, now: EpochMs, signal: AbortSignal) => Promise<RunResult>;

interface AskedStep extends PushStep {
  readonly limits: HistoryLimits;
  /** The record that it was made of. */
  readonly before: PollProgress;
}

/**
 * One run for one push target: a history call, which counts, and while that does not reach up to now a peek, which only
 * shows. A call that fails leaves the record as it was before it.
 */
export function createPushRun(parts: PushRunParts): PushRun {
  const { source, cache, effectiveIntervalMs, configuredIntervalMs, onCounted, viewOf, onView, onWaiting } =
    parts;

  const recordOf = (key: string): SavedPush => {
    const record = cache.record(key);
    if (record?.question !== 'push_stats') throw new Error(`no push record is held for ${key}`);
    return record;
  };

  const progress = (key: string): PollProgress => {
    const known = cache.progress(key);
    if (known === undefined) throw new Error(`no record is held for ${key}`);
    return known;
  };

  /** What to ask; undefined while our clock is behind all that can be counted. */
  function stepOf(pollTarget: PushPollTarget, limits: HistoryLimits, now: EpochMs): AskedStep | undefined {
    const { key, target } = pollTarget;
    const before = progress(key);
    const { window, gap } = nextStep(before, target, limits, now);
    if (window.from < window.to) return { window, gap, limits, before };
    const held = recordOf(key);
    // Where no answer came since it began, or came back, only that has to be moved: nothing can be counted twice.
    if (gap !== undefined) cache.put({ ...held, ...resumePush(held, target, now) });
    else if (wasPushNeverPolled(held)) cache.put({ ...held, ...restartPush(held, target, now) });
    else onWaiting(pollTarget, window.from, now);
    return undefined;
  }

  function count(
    pollTarget: PushPollTarget,
    step: AskedStep,
    answer: Answer<PushSample>,
    now: EpochMs,
  ): void {
    const { key, target } = pollTarget;
    const { items, malformed, warnings } = answer;
    // The record as it is now: its counters may have left 0 meanwhile.
    const { question, targetKey, streamKey, frozenAt, ...before } = recordOf(key);
    const { record, added, skipped } = countAnswer(before, step, target, step.limits, now, items);
    cache.put({ question, targetKey, streamKey, frozenAt, target: record.target, push: record.push });
    const isCaughtUp = now - step.before.watermark <= 2 * effectiveIntervalMs();
    const gap = expiredGap(step.gap, step.before);
    onCounted(pollTarget, { added, skipped, malformed, warnings, gap, isCaughtUp }, now);
  }

  return async (pollTarget, now, signal) => {
    const { key, target } = pollTarget;
    const { stream, staleAfterMs } = target;
    const { limits, listPushSamples } = source();
    const step = stepOf(pollTarget, limits, now);
    let reachesNow = false;
    let samples: readonly PushSample[] = [];
    if (step !== undefined) {
      const answer = await listPushSamples(stream, step.window, signal);
      count(pollTarget, step, answer, now);
      reachesNow = step.window.to > now - secondMs;
      samples = answer.items;
    }
    if (!reachesNow) {
      const peeked = { from: now - freshMs(target), to: now };
      samples = (await source().listPushSamples(stream, peeked, signal)).items;
    }
    onView(pollTarget, {
      live: livePush(viewOf(pollTarget)?.live, samples, now, freshMs(target)),
      watermark: progress(key).watermark,
      answeredAt: now,
      expiresAt: now + viewTtlMs(staleAfterMs, effectiveIntervalMs(), configuredIntervalMs()),
    });
    return { isBehind: step !== undefined && !reachesNow };
  };
}
