import { type Answer, hasMalformedSince, ProviderError } from '../model/answer.ts';
import { livePush } from '../model/live-push.ts';
import { isDue } from '../model/live-schedule.ts';
import { freshMs, ownSamples, type PushSample, pushSamples } from '../model/push-sample.ts';
import { type PushView, viewTtlMs } from '../model/push-view.ts';
import { confirmedAfterMs, maxLookbackMs } from '../model/push-window.ts';
import type { HistoryLimits, PushHistorySource } from '../model/questions.ts';
import { pushRecords } from '../model/saved-record.ts';
import { beginOfState, pushedAgainFrom } from '../model/state-begin.ts';
import { type PushTarget, pushTargetKey, streamKeyOf, totalLookbackMs } from '../model/target.ts';
import { futureToleranceMs } from '../model/target-ledger.ts';
import { type EpochMs, minuteMs, secondMs, type Window } from '../model/time.ts';
import { type DataDelay, probeMs } from './data-delay.ts';
import {
  createHistoryRun,
  type HistoryPolling,
  type HistoryRun,
  type HistoryTarget,
  type PollingClock,
  progressOf,
  type RunContext,
  reachesNow,
} from './history.ts';
import { createPeekShare } from './peek-share.ts';
import { createRecheck } from './recheck.ts';
import type { RecordCache } from './record-cache.ts';
import { createUnconfirmedTime } from './unconfirmed-time.ts';
import { type ListRows, listWhole } from './whole-answers.ts';
import { createWindowSpans, isWindowFailure } from './window-spans.ts';

/** Push target (a stream) in the form that the poller polls, with the key of its record. */
export interface PushPollTarget extends HistoryTarget<PushTarget> {
  /**
   * Stream key of the target. It is stored so that it is computed once per target and not for each answer.
   */
  readonly streamKey: string;
}

export function toPushPollTarget(target: PushTarget): PushPollTarget {
  const key = pushTargetKey(target);
  return { key, target, streamKey: streamKeyOf(key), intervalMs: target.intervalMs };
}

/**
 * Reports whether the target's schedule expects the stream to be live at `now` (wall clock). Returns false if
 * there is no schedule.
 */
export function isDueNow({ target: { expectation } }: PushPollTarget, now: EpochMs): boolean {
  return expectation.live !== undefined && isDue(expectation.live, now);
}

/** Dependencies of `createPushRun`. */
export interface PushRunParts {
  /** By default, records without alerts. */
  readonly records?: typeof pushRecords;
  /** Returns the current source. It is called for each request, because a reload can replace the source. */
  readonly source: () => PushHistorySource;
  readonly cache: RecordCache;
  /** Delay of the account's data. */
  readonly delay: DataDelay;
  readonly clock: PollingClock;
  /** Returns the view (gauge values) of the target's last answer. undefined before the first answer. */
  readonly viewOf: (target: PushPollTarget) => PushView | undefined;
  /**
   * Reports whether a list of live pushes feeds the gauges of the target at `now` (wall clock), so that peeks
   * are unnecessary. By default, no list does.
   */
  readonly isListed?: (target: PushPollTarget, now: EpochMs) => boolean;
  /** Receives the state of the stream in each answer, for the gauges. */
  readonly onView: (target: PushPollTarget, view: PushView) => void;
}

type Context = RunContext<PushPollTarget, PushSample>;

/**
 * Creates the function that polls one push target once. Each poll sends one history request and counts the
 * samples of the answer. During catch-up, when the window of the request does not reach now, the poll also
 * requests the newest window (a peek). The peek feeds the gauges and counts nothing. A small share of the polls
 * also requests empty ranges again (a recheck).
 */
export function createPushRun(parts: PushRunParts): HistoryPolling<PushPollTarget, PushSample> {
  const { source, cache, delay, clock, viewOf, onView, isListed = () => false } = parts;
  const { records = pushRecords } = parts;
  const { elapsed } = clock;
  const spans = createWindowSpans(elapsed);
  const unconfirmed = createUnconfirmedTime(elapsed);
  const peeks = createPeekShare();
  /** Limits of each source with its operation. */
  const limitsOf = new WeakMap<PushHistorySource, HistoryLimits>();
  const limits = () => {
    const current = source();
    const known = limitsOf.get(current);
    if (known !== undefined) return known;
    const withOperation = { ...current.limits, operation: current.operation };
    limitsOf.set(current, withOperation);
    return withOperation;
  };
  const times = { at: pushSamples.at, periodMs: () => limits().periodMs };
  const list: ListRows<PushTarget, PushSample> = ({ stream }, window, signal) =>
    source().listPushSamples(stream, window, signal);
  const histories = createHistoryRun({
    records,
    cache,
    spans,
    minSpanMs,
    normalSpanMs,
    clock,
    times,
    limits,
    list,
  });
  const { request: peek, forget: forgetPeek } = listWhole(list, times);
  const recheck = createRecheck({ cache, limits, times, list, elapsed });

  const run: HistoryRun<PushPollTarget, PushSample> = async (configured, now, signal, context) => {
    const pollTarget = withEffectiveDelay(configured, delay);
    const { key, target } = pollTarget;
    // The newest sample of a stream with a long period can be older than the samples of other streams.
    const periodMs = viewOf(pollTarget)?.live?.followed.periodMs ?? limits().periodMs;
    const viewMs = delay.needsProbe(key) ? probeMs : freshMs(target, periodMs);
    const show = ({ from }: Window, answer: Answer<PushSample>) =>
      onView(pollTarget, viewAfter(pollTarget, answer, { from, to: now }, context));
    const viewWindow = { from: now - viewMs, to: now };

    const confirmTo = unconfirmed.confirmTo(key, progressOf(cache, key).watermark, now, () => ({
      confirmedAfterMs: confirmedAfterMs(target),
      reachMs: maxLookbackMs({ spanMs: spans.spanMs(key, minSpanMs(target), limits().spanMs) }),
      effectiveIntervalMs: context.effectiveIntervalMs(),
    }));

    const history = await histories.poll(pollTarget, now, signal, context, {
      viewFrom: viewWindow.from,
      confirmTo,
    });
    if (history === undefined) {
      show(viewWindow, await peek(key, target, viewWindow, signal));
      return { isBehind: false };
    }
    const { window, failure } = history;
    const isBehind = !reachesNow(window, now);
    /** Reports whether a peek is due and its share allows it. If so, the caller must send the peek. */
    const takePeek = () =>
      !isListed(pollTarget, now) &&
      // After a setback of the clock, the last answer can be in the future.
      Math.abs(now - (viewOf(pollTarget)?.answeredAt ?? Number.NEGATIVE_INFINITY)) >= target.staleAfterMs &&
      peeks.take(context.effectiveIntervalMs(), target.staleAfterMs);
    if (failure !== undefined) {
      const lengthMs = window.to - window.from;
      const canShrink = lengthMs >= (isBehind ? minSpanMs(target) + secondMs : normalSpanMs(target));
      if (!isWindowFailure(failure) || !(canShrink || (isBehind && takePeek()))) throw failure;
      // If the provider answers the short newest window, the length of the failed window was probably the cause.
      const newest = await tryPeek(pollTarget, viewWindow, signal);
      if (newest !== undefined) {
        show(viewWindow, newest);
        if (canShrink) spans.shrink(key, lengthMs, minSpanMs(target));
      }
      throw failure;
    }
    if (!isBehind) {
      show(window, history.answer);
      await recheck.run(pollTarget, history.record.empty, now, signal);
      return { isBehind };
    }
    if (takePeek()) show(viewWindow, await peek(key, target, viewWindow, signal));
    return { isBehind };
  };

  function forget(key: string): void {
    delay.remove(key);
    spans.remove(key);
    unconfirmed.remove(key);
    histories.forget(key);
    forgetPeek(key);
    recheck.forget(key);
  }

  /** Returns the view of an answer whose window reached to the wall time `window.to`. */
  function viewAfter(
    pollTarget: PushPollTarget,
    answer: Answer<PushSample>,
    window: Window,
    context: Context,
  ): PushView {
    const { key, target } = pollTarget;
    const { to: now } = window;
    const samples = ownSamples(answer.items);
    const newest = newestOf(samples, now);
    const effectiveIntervalMs = context.effectiveIntervalMs();
    delay.sighted(key, { newestAt: newest?.measuredAt, window, effectiveIntervalMs });
    // The answer itself can have changed the observed delay.
    const freshness = withEffectiveDelay(pollTarget, delay).target;
    const live = livePush(viewOf(pollTarget)?.live, samples, now, freshness);
    const { expectedDelayMs, staleAfterMs } = freshness;
    const { periodMs } = newest ?? limits();
    const { live: schedule } = target.expectation;
    if (live !== undefined) delay.endLag();
    const isUndecided =
      live === undefined &&
      delay.isUndecided(key, now, {
        expectedDelayMs,
        staleAfterMs,
        periodMs,
        effectiveIntervalMs,
        isExpectedSilent: schedule !== undefined && !isDue(schedule, now),
      });
    const maxAgeMs = freshMs(freshness, periodMs);
    const isUnreadable = live === undefined && hasMalformedSince(answer, now - maxAgeMs);
    const isUnknown = isUndecided || isUnreadable;
    const before = viewOf(pollTarget);
    const begin = beginOfState(before, { live, isUnknown, answeredAt: now, samples }, target.expectation);
    const pushedFrom = pushedAgainFrom(before, { live, samples }, maxAgeMs);
    return {
      live,
      isUnknown,
      watermark: progressOf(cache, key).watermark,
      answeredAt: now,
      expiresAt: now + viewTtlMs(staleAfterMs, effectiveIntervalMs, context.configuredIntervalMs()),
      since: begin.since,
      ...(pushedFrom !== undefined && { pushedFrom }),
      isSinceFirst: begin.isSinceFirst,
    };
  }

  /** Like `peek`, but resolves with undefined if the request fails. */
  function tryPeek({ key, target }: PushPollTarget, window: Window, signal: AbortSignal) {
    return peek(key, target, window, signal).catch((error: unknown) => {
      if (error instanceof ProviderError) return undefined;
      throw error;
    });
  }

  return { run, forget };
}

/**
 * Returns the shortest span of the requests of a target, in ms. A window of twice the lookback makes each request
 * cover new time.
 */
function minSpanMs(target: PushTarget): number {
  return Math.max(5 * minuteMs, 2 * totalLookbackMs(target));
}

/**
 * Returns the length in ms from which a window that reaches to now occurs only after an outage. Probes and
 * held empty time make shorter windows common. If the span shrank after one failure of such a window, the
 * next requests would no longer cover the held empty time, and late samples in it would count as missing.
 */
function normalSpanMs(target: PushTarget): number {
  return Math.max(probeMs + minuteMs, 2 * minSpanMs(target));
}

/** Returns the poll target with the effective delay. Returns the same object if the expected delay is longer. */
function withEffectiveDelay(pollTarget: PushPollTarget, delay: DataDelay): PushPollTarget {
  const { target } = pollTarget;
  const expectedDelayMs = delay.effectiveMs(target.expectedDelayMs);
  if (expectedDelayMs === target.expectedDelayMs) return pollTarget;
  return { ...pollTarget, target: { ...target, expectedDelayMs } };
}

/** Returns the newest sample that is not from the future. undefined without such a sample. */
function newestOf(samples: readonly PushSample[], now: EpochMs): PushSample | undefined {
  let newest: PushSample | undefined;
  for (const sample of samples) {
    if (sample.measuredAt > (newest?.measuredAt ?? Number.NEGATIVE_INFINITY) && !isFuture(sample, now)) {
      newest = sample;
    }
  }
  return newest;
}

function isFuture({ measuredAt }: PushSample, now: EpochMs): boolean {
  return measuredAt > now + futureToleranceMs;
}
