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

/** Push target (a stream) as the poller polls it, with the key of its record. */
export interface PushPollTarget extends HistoryTarget<PushTarget> {
  /** Stream key of the target. Computed once per target, not for each answer. */
  readonly streamKey: string;
}

export function toPushPollTarget(target: PushTarget): PushPollTarget {
  const key = pushTargetKey(target);
  return { key, target, streamKey: streamKeyOf(key), intervalMs: target.intervalMs };
}

/**
 * Reports whether the target's schedule expects the stream to be live at `now` (wall clock). false without a
 * schedule.
 */
export function isDueNow({ target: { expectation } }: PushPollTarget, now: EpochMs): boolean {
  return expectation.live !== undefined && isDue(expectation.live, now);
}

/** Dependencies of `createPushRun`. */
export interface PushRunParts {
  /** Returns the current source. Called for each request, because a reload can replace the source. */
  readonly source: () => PushHistorySource;
  readonly cache: RecordCache;
  /** Returns the view (gauge values) of the target's last answer. undefined before the first answer. */
  readonly viewOf: (target: PushPollTarget) => PushView | undefined;
  /** Receives the view of each answer. */
  readonly onView: (target: PushPollTarget, view: PushView) => void;
}

/**
 * Creates the function that polls one push target once. Each poll sends one history request and counts the
 * samples of the answer. During catch-up, when the window of the request does not reach now, the poll also
 * requests the newest window (a peek). The peek feeds the gauges and counts nothing.
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
