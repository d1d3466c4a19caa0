import { livePush } from '../model/live-push.ts';
import { isDue } from '../model/live-schedule.ts';
import { freshMs, ownSamples, type PushSample } from '../model/push-sample.ts';
import { type PushView, viewTtlMs } from '../model/push-view.ts';
import type { PushHistorySource } from '../model/questions.ts';
import { pushRecords } from '../model/saved-record.ts';
import { type PushTarget, pushTargetKey, streamKeyOf } from '../model/target.ts';
import { futureToleranceMs } from '../model/target-ledger.ts';
import type { EpochMs, Window } from '../model/time.ts';
import { type DataDelay, probeMs } from './data-delay.ts';
import {
  createHistoryRun,
  type HistoryRun,
  type HistoryTarget,
  progressOf,
  type RunContext,
  reachesNow,
} from './history.ts';
import { createRecheck } from './recheck.ts';
import type { RecordCache } from './record-cache.ts';

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
  /** Returns the current source. It is called for each request, because a reload can replace the source. */
  readonly source: () => PushHistorySource;
  readonly cache: RecordCache;
  /** Delay of the account's data. */
  readonly delay: DataDelay;
  /** Returns the view (gauge values) of the target's last answer. undefined before the first answer. */
  readonly viewOf: (target: PushPollTarget) => PushView | undefined;
  /** Receives the state of the stream in each answer, for the gauges. */
  readonly onView: (target: PushPollTarget, view: PushView) => void;
}

type Context = RunContext<PushPollTarget, PushSample>;

/**
 * Creates the function that polls one push target once. Each poll sends one history request and counts the
 * samples of the answer. During catch-up, when the window of the request does not reach now, the poll also
 * requests the newest window (a peek). The peek feeds the gauges and counts nothing. Few polls also recheck
 * empty ranges.
 */
export function createPushRun(parts: PushRunParts): HistoryRun<PushPollTarget, PushSample> {
  const { source, cache, delay, viewOf, onView } = parts;
  const pollHistory = createHistoryRun({
    records: pushRecords,
    cache,
    limits: () => source().limits,
    list: ({ stream }: PushTarget, window, signal) => source().listPushSamples(stream, window, signal),
  });
  const recheck = createRecheck({ source, cache });

  return async (configured, now, signal, context) => {
    const pollTarget = withEffectiveDelay(configured, delay);
    const { key, target } = pollTarget;
    const { periodMs } = source().limits;
    const viewMs = delay.needsProbe(key) ? probeMs : freshMs(target, periodMs);
    const counted = await pollHistory(pollTarget, now, signal, context, now - viewMs);
    const isCurrent = counted !== undefined && reachesNow(counted.window, now);
    const { window, items } = isCurrent
      ? counted
      : await peek(target, { from: now - viewMs, to: now }, signal);
    onView(pollTarget, viewAfter(pollTarget, ownSamples(items), { from: window.from, to: now }, context));
    if (isCurrent) await recheck(pollTarget, now, signal);
    return { isBehind: counted !== undefined && !isCurrent };
  };

  /** Returns the view of an answer whose window reached to the wall time `window.to`. */
  function viewAfter(
    pollTarget: PushPollTarget,
    samples: readonly PushSample[],
    window: Window,
    context: Context,
  ): PushView {
    const { key, target } = pollTarget;
    const { from, to: now } = window;
    const newest = newestOf(samples, now);
    delay.sighted(key, newest?.measuredAt, { from, to: now });
    // The answer itself can have changed the observed delay.
    const freshness = withEffectiveDelay(pollTarget, delay).target;
    const live = livePush(viewOf(pollTarget)?.live, samples, now, freshness);
    const effectiveIntervalMs = context.effectiveIntervalMs();
    const { expectedDelayMs, staleAfterMs } = freshness;
    const { live: schedule } = target.expectation;
    if (live !== undefined) delay.endLag();
    const isUndecided =
      live === undefined &&
      delay.isUndecided(key, now, {
        expectedDelayMs,
        staleAfterMs,
        periodMs: newest?.periodMs ?? source().limits.periodMs,
        effectiveIntervalMs,
        isExpectedSilent: schedule !== undefined && !isDue(schedule, now),
      });
    return {
      live,
      watermark: progressOf(cache, key).watermark,
      answeredAt: now,
      // An undecided view expires at once: whether the stream is live is unknown.
      expiresAt: isUndecided
        ? now
        : now + viewTtlMs(staleAfterMs, effectiveIntervalMs, context.configuredIntervalMs()),
    };
  }

  async function peek({ stream }: PushTarget, window: Window, signal: AbortSignal) {
    const { items } = await source().listPushSamples(stream, window, signal);
    return { window, items };
  }
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
