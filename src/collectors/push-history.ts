import { isDeepStrictEqual } from 'node:util';
import { createChangeLog } from '../log/change-log.ts';
import type { PushSeries } from '../metrics/push/push-series.ts';
import { restartPush, resumePush, wasPushNeverPolled } from '../model/push-record.ts';
import type { PushView } from '../model/push-view.ts';
import type { PushHistorySource } from '../model/questions.ts';
import { type SavedPush, startOrResumePush } from '../model/saved-record.ts';
import type { InSlices } from '../model/slices.ts';
import type { PushTarget } from '../model/target.ts';
import { wasNeverPolled } from '../model/target-ledger.ts';
import type { EpochMs } from '../model/time.ts';
import { createPoller, type Poller } from '../polling/poller.ts';
import {
  type CountedPush,
  createPushRun,
  isDueNow,
  type PushPollTarget,
  toPushPollTarget,
} from '../polling/push-history.ts';
import type { FailureInput } from '../status/inputs.ts';
import type { Recent } from '../status/recent.ts';
import { type Collector, type CollectorParts, createAnswerWarnings } from './answer-warnings.ts';
import { createClockSetback } from './clock-setback.ts';
import { createPendingStarts } from './pending-starts.ts';
import { runDeadlineMs } from './sources.ts';

/** The question "push statistics" put to one account. */
export interface PushCollector extends Collector {
  readonly poller: Poller<PushPollTarget>;
  /**
   * From now on the answers come from here; and about these targets, a few at a time, once the promise ends. What did not
   * change goes on as it was. To be called again only then.
   */
  apply(
    source: PushHistorySource,
    targets: readonly PushTarget[],
    now: EpochMs,
    inSlices: InSlices,
  ): Promise<void>;
  /** By stream key, as far as they are taken over. */
  targets(): ReadonlyMap<string, PushPollTarget>;
  /** By stream key. */
  readonly views: ReadonlyMap<string, PushView>;
  readonly failures: ReadonlyMap<string, FailureInput>;
}

export interface PushCollectorParts extends CollectorParts {
  readonly source: PushHistorySource;
  readonly series: PushSeries;
  readonly recent: Recent;
}

export function createPushCollector(parts: PushCollectorParts): PushCollector {
  const { account, limiters, cache, series, metrics, recent, log, clock, signal } = parts;
  let { source } = parts;
  const { operation } = source;
  const labels = { account: account.name, provider: account.provider };
  const name = 'push_stats';
  const limiter = limiters.get(operation);
  if (limiter === undefined) throw new Error(`${operation} has no budget`);
  const failureLog = createChangeLog(log, { account: account.name, operation });
  const reportWarnings = createAnswerWarnings(parts, operation);
  const clockSetback = createClockSetback(parts, operation);
  const pendingStarts = createPendingStarts(clock);
  const views = new Map<string, PushView>();
  const failures = new Map<string, FailureInput>();
  /** By stream key, those that are shown. */
  let targets = new Map<string, PushPollTarget>();
  let newestSampleAt: EpochMs | undefined;

  const run = createPushRun({
    source: () => source,
    cache,
    effectiveIntervalMs: () => poller.effectiveIntervalMs(),
    configuredIntervalMs: () => poller.configuredIntervalMs(),
    onCounted,
    onWaiting({ key, streamKey }, until, now) {
      if (targets.has(streamKey)) clockSetback.pause(key, until, now);
    },
    viewOf: ({ streamKey: key }) => views.get(key),
    onView({ streamKey: key }, view) {
      if (!targets.has(key)) return;
      views.set(key, view);
      series.setView(key, view);
    },
  });

  function adjustStart({ key, target }: PushPollTarget, now: EpochMs): void {
    const at = pendingStarts.adjustedStart(key, now);
    if (at === undefined) return;
    const held = cache.record(key);
    if (held?.question !== 'push_stats') return;
    if (held.target.backFrom !== undefined) cache.put({ ...held, ...resumePush(held, target, at) });
    else if (wasPushNeverPolled(held)) cache.put({ ...held, ...restartPush(held, target, at) });
  }

  const poller = createPoller<PushPollTarget>({
    run(pollTarget, now, runSignal) {
      adjustStart(pollTarget, now);
      return run(pollTarget, now, runSignal);
    },
    onSuccess({ target: { stream }, streamKey: key }) {
      failures.delete(key);
      failureLog.succeeded(stream.stream, { target: stream.stream });
    },
    onFailure({ target: { stream }, streamKey: key }, { kind, message, stack }) {
      failures.set(key, { kind, message, at: clock.now() });
      failureLog.failed(stream.stream, kind, message, { target: stream.stream, ...(stack && { stack }) });
    },
    hasPriority: isDueNow,
    perSecond: limiter.perSecond,
    configuredPerSecond: limiter.configuredPerSecond,
    waiting: limiter.waiting,
    runDeadlineMs,
    clock,
    signal,
  });

  function onCounted(pollTarget: PushPollTarget, counted: CountedPush, now: EpochMs): void {
    const {
      target: { stream },
      streamKey: key,
    } = pollTarget;
    if (!targets.has(key)) return;
    clockSetback.resume(pollTarget.key);
    pendingStarts.remove(pollTarget.key);
    recent.add(key, counted.added);
    for (const { measuredAt } of counted.added) {
      if (counted.isCaughtUp) metrics.observeSampleDelay(labels, now - measuredAt);
      newestSampleAt = Math.max(newestSampleAt ?? measuredAt, measuredAt);
    }
    reportWarnings(stream.stream, counted);
  }

  /** Gone and back before a save, a stream must not show more than a kill -9 would leave. */
  function showable(held: SavedPush | undefined): SavedPush | undefined {
    const shown = held && cache.durable(held);
    return shown?.question === 'push_stats' ? shown : undefined;
  }

  function begin({ key, target, streamKey }: PushPollTarget, now: EpochMs): void {
    const known = cache.record(key);
    const before = known?.question === 'push_stats' ? known : undefined;
    const record = startOrResumePush(before, target, now);
    const shown = showable(before) ?? startOrResumePush(undefined, target, now);
    if (record !== before) {
      // With the keys that the others have, so that they are held once.
      cache.put({ ...record, targetKey: key, streamKey });
      pendingStarts.add(key, now);
    }
    series.add(target, shown.push, streamKey);
    // Of one that was never asked it says how far back it will be.
    if (!wasNeverPolled(record.target)) series.setWatermark(streamKey, record.target.watermark);
    if (record.push.newestAt !== undefined) {
      newestSampleAt = Math.max(newestSampleAt ?? record.push.newestAt, record.push.newestAt);
    }
  }

  function end({ key, target }: PushPollTarget, streamKey: string): void {
    series.remove(streamKey);
    views.delete(streamKey);
    failures.delete(streamKey);
    recent.drop(streamKey);
    failureLog.forget(target.stream.stream);
    clockSetback.resume(key);
    pendingStarts.remove(key);
  }

  async function apply(
    newSource: PushHistorySource,
    newTargets: readonly PushTarget[],
    now: EpochMs,
    inSlices: InSlices,
  ): Promise<void> {
    if (source !== newSource) poller.resetBackoff();
    source = newSource;
    const wanted = new Map<string, PushPollTarget>();
    const want = (target: PushTarget) => {
      const pollTarget = toPushPollTarget(target);
      wanted.set(pollTarget.streamKey, pollTarget);
    };
    await inSlices(newTargets, want);

    const gone = [...targets].filter(([key]) => !wanted.has(key));
    if (gone.length > 0) {
      // First of all nobody asks about them any more; the others are asked about as before until they are shown as wanted.
      poller.setTargets([...targets].filter(([key]) => wanted.has(key)).map(([, stays]) => stays));
      await inSlices(gone, ([key, pollTarget]) => {
        end(pollTarget, key);
        // Last: what could not be ended is ended by the next config.
        targets.delete(key);
      });
    }

    const bring = ([key, pollTarget]: readonly [string, PushPollTarget]) => {
      const before = targets.get(key);
      if (before !== undefined && isDeepStrictEqual(before.target, pollTarget.target)) {
        // The old one, whose key the collector finds much faster.
        wanted.set(key, before);
        return;
      }
      // First: what was begun in part is then ended like the others.
      targets.set(key, pollTarget);
      if (before === undefined) begin(pollTarget, now);
      else series.update(pollTarget.target);
    };
    await inSlices([...wanted], bring);
    // They are the same by now; these are in the order of the config.
    targets = wanted;
    poller.setTargets([...wanted.values()]);
  }

  return {
    name,
    operation,
    poller,
    views,
    failures,
    targets: () => targets,
    apply,
    showState() {
      const { targets: count, failing, lastSuccessAt, effectiveIntervalMs, lastRunMs } = poller.state();
      metrics.setBudget({ ...labels, operation }, limiter.perSecond());
      metrics.setCollector(
        { ...labels, collector: name },
        {
          targets: count,
          failing,
          lastSuccessAt,
          newestSampleAt,
          intervalMs: effectiveIntervalMs,
          runDurationMs: lastRunMs,
          clockBehindMs: clockSetback.behindMs(clock.now()),
        },
      );
    },
  };
}
