import { livePush } from '../model/live-push.ts';
import { isDue } from '../model/live-schedule.ts';
import { freshMs } from '../model/push-record.ts';
import { ownSamples, type PushSample } from '../model/push-sample.ts';
import { type PushView, viewTtlMs } from '../model/push-view.ts';
import type { PushHistorySource } from '../model/questions.ts';
import { pushRecords } from '../model/saved-record.ts';
import { type PushTarget, pushTargetKey, streamKeyOf } from '../model/target.ts';
import { type EpochMs, secondMs } from '../model/time.ts';
import { createHistoryRun, type HistoryRun, type HistoryTarget, progressOf } from './history.ts';
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
  /**
   * Returns the state of the stream in the last answer, which the gauges show; undefined before the first
   * answer.
   */
  readonly viewOf: (target: PushPollTarget) => PushView | undefined;
  /** Receives the state of the stream in each answer, for the gauges. */
  readonly onView: (target: PushPollTarget, view: PushView) => void;
}

/**
 * Creates the function that polls one push target once. Each poll sends one history request and counts the
 * samples in the answer. During a catch-up, the window of this request does not reach the present. The poll
 * then also requests the newest window (peek), whose samples are only used for the gauges and not counted.
 */
export function createPushRun(parts: PushRunParts): HistoryRun<PushPollTarget, PushSample> {
  const { source, cache, viewOf, onView } = parts;
  const pollHistory = createHistoryRun({
    records: pushRecords,
    cache,
    limits: () => source().limits,
    list: ({ stream }: PushTarget, window, signal) => source().listPushSamples(stream, window, signal),
  });

  return async (pollTarget, now, signal, context) => {
    const { key, target } = pollTarget;
    const counted = await pollHistory(pollTarget, now, signal, context);
    const reachesNow = counted !== undefined && counted.window.to > now - secondMs;
    const samples = reachesNow ? counted.items : await peek(target, now, signal);
    onView(pollTarget, {
      live: livePush(viewOf(pollTarget)?.live, ownSamples(samples), now, freshMs(target)),
      watermark: progressOf(cache, key).watermark,
      answeredAt: now,
      expiresAt:
        now + viewTtlMs(target.staleAfterMs, context.effectiveIntervalMs(), context.configuredIntervalMs()),
    });
    return { isBehind: counted !== undefined && !reachesNow };
  };

  async function peek(target: PushTarget, now: EpochMs, signal: AbortSignal): Promise<readonly PushSample[]> {
    const window = { from: now - freshMs(target), to: now };
    const { items } = await source().listPushSamples(target.stream, window, signal);
    return items;
  }
}
