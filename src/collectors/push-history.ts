import { isDeepStrictEqual } from 'node:util';
import { createChangeLog } from '../log/change-log.ts';
import type { PushSeries } from '../metrics/push/push-series.ts';
import { beginAnew, isUnasked, pushComesBack } from '../model/push-record.ts';
import type { PushView } from '../model/push-view.ts';
import type { PushHistorySource } from '../model/questions.ts';
import { beginPush, type SavedPush } from '../model/saved-record.ts';
import type { InPortions } from '../model/slices.ts';
import type { PushTarget } from '../model/target.ts';
import { isUntouched } from '../model/target-ledger.ts';
import type { EpochMs } from '../model/time.ts';
import { type Collector, createCollector } from '../polling/poller.ts';
import {
  type CollectedPush,
  type CountedPush,
  createPushRun,
  isDueNow,
  toCollectedPush,
} from '../polling/push-history.ts';
import type { FailureInput } from '../status/inputs.ts';
import type { Recent } from '../status/recent.ts';
import { type Collection, type CollectionParts, createOddities } from './answer-warnings.ts';
import { createClockWatch } from './clock-setback.ts';
import { createBeginnings } from './pending-starts.ts';
import { runDeadlineMs } from './sources.ts';

/** The question "push statistics" put to one account. */
export interface PushCollection extends Collection {
  readonly collector: Collector<CollectedPush>;
  /**
   * From now on the answers come from here; and about these targets, a few at a time, once the promise ends. What did not
   * change goes on as it was. To be called again only then.
   */
  apply(
    source: PushHistorySource,
    targets: readonly PushTarget[],
    now: EpochMs,
    inPortions: InPortions,
  ): Promise<void>;
  /** By stream key, as far as they are taken over. */
  targets(): ReadonlyMap<string, CollectedPush>;
  /** By stream key. */
  readonly views: ReadonlyMap<string, PushView>;
  readonly failures: ReadonlyMap<string, FailureInput>;
}

export interface PushCollectionParts extends CollectionParts {
  readonly source: PushHistorySource;
  readonly series: PushSeries;
  readonly recent: Recent;
}

export function createPushCollection(parts: PushCollectionParts): PushCollection {
  const { account, limiters, keeper, series, metrics, recent, log, clock, signal } = parts;
  let { source } = parts;
  const { operation } = source;
  const labels = { account: account.name, provider: account.provider };
  const name = 'push_stats';
  const limiter = limiters.get(operation);
  if (limiter === undefined) throw new Error(`${operation} has no budget`);
  const failureLog = createChangeLog(log, { account: account.name, operation });
  const tellOddities = createOddities(parts, operation);
  const clockWatch = createClockWatch(parts, operation);
  const beginnings = createBeginnings(clock);
  const views = new Map<string, PushView>();
  const failures = new Map<string, FailureInput>();
  /** By stream key, those that are shown. */
  let targets = new Map<string, CollectedPush>();
  let newestSampleAt: EpochMs | undefined;

  const run = createPushRun({
    source: () => source,
    keeper,
    roundMs: () => collector.roundMs(),
    configuredRoundMs: () => collector.configuredRoundMs(),
    onCounted,
    onWaiting({ key, streamKey }, until, now) {
      if (targets.has(streamKey)) clockWatch.waits(key, until, now);
    },
    viewOf: ({ streamKey: key }) => views.get(key),
    onView({ streamKey: key }, view) {
      if (!targets.has(key)) return;
      views.set(key, view);
      series.showView(key, view);
    },
  });

  function moveBeginning({ key, target }: CollectedPush, now: EpochMs): void {
    const at = beginnings.movedTo(key, now);
    if (at === undefined) return;
    const held = keeper.record(key);
    if (held?.question !== 'push_stats') return;
    if (held.target.backFrom !== undefined) keeper.take({ ...held, ...pushComesBack(held, target, at) });
    else if (isUnasked(held)) keeper.take({ ...held, ...beginAnew(held, target, at) });
  }

  const collector = createCollector<CollectedPush>({
    run(collected, now, runSignal) {
      moveBeginning(collected, now);
      return run(collected, now, runSignal);
    },
    onSuccess({ target: { stream }, streamKey: key }) {
      failures.delete(key);
      failureLog.succeeded(stream.stream, { target: stream.stream });
    },
    onFailure({ target: { stream }, streamKey: key }, { kind, message, stack }) {
      failures.set(key, { kind, message, at: clock.now() });
      failureLog.failed(stream.stream, kind, message, { target: stream.stream, ...(stack && { stack }) });
    },
    isFirst: isDueNow,
    perSecond: limiter.perSecond,
    configuredPerSecond: limiter.configuredPerSecond,
    waiting: limiter.waiting,
    runDeadlineMs,
    clock,
    signal,
  });

  function onCounted(collected: CollectedPush, counted: CountedPush, now: EpochMs): void {
    const {
      target: { stream },
      streamKey: key,
    } = collected;
    if (!targets.has(key)) return;
    clockWatch.goesOn(collected.key);
    beginnings.forget(collected.key);
    recent.add(key, counted.fresh);
    for (const { measuredAt } of counted.fresh) {
      if (counted.live) metrics.observeSampleDelay(labels, now - measuredAt);
      newestSampleAt = Math.max(newestSampleAt ?? measuredAt, measuredAt);
    }
    tellOddities(stream.stream, counted);
  }

  /** Gone and back before a save, a stream must not show more than a kill -9 would leave. */
  function showable(held: SavedPush | undefined): SavedPush | undefined {
    const shown = held && keeper.showable(held);
    return shown?.question === 'push_stats' ? shown : undefined;
  }

  function begin({ key, target, streamKey }: CollectedPush, now: EpochMs): void {
    const known = keeper.record(key);
    const before = known?.question === 'push_stats' ? known : undefined;
    const record = beginPush(before, target, now);
    const shown = showable(before) ?? beginPush(undefined, target, now);
    if (record !== before) {
      // With the keys that the others have, so that they are held once.
      keeper.take({ ...record, targetKey: key, streamKey });
      beginnings.began(key, now);
    }
    series.begin(target, shown.push, streamKey);
    // Of one that was never asked it says how far back it will be.
    if (!isUntouched(record.target)) series.showWatermark(streamKey, record.target.watermark);
    if (record.push.newestAt !== undefined) {
      newestSampleAt = Math.max(newestSampleAt ?? record.push.newestAt, record.push.newestAt);
    }
  }

  function end({ key, target }: CollectedPush, streamKey: string): void {
    series.end(streamKey);
    views.delete(streamKey);
    failures.delete(streamKey);
    recent.drop(streamKey);
    failureLog.forget(target.stream.stream);
    clockWatch.goesOn(key);
    beginnings.forget(key);
  }

  async function apply(
    newSource: PushHistorySource,
    newTargets: readonly PushTarget[],
    now: EpochMs,
    inPortions: InPortions,
  ): Promise<void> {
    if (source !== newSource) collector.retryFailing();
    source = newSource;
    const wanted = new Map<string, CollectedPush>();
    const want = (target: PushTarget) => {
      const collected = toCollectedPush(target);
      wanted.set(collected.streamKey, collected);
    };
    await inPortions(newTargets, want);

    const gone = [...targets].filter(([key]) => !wanted.has(key));
    if (gone.length > 0) {
      // First of all nobody asks about them any more; the others are asked about as before until they are shown as wanted.
      collector.setTargets([...targets].filter(([key]) => wanted.has(key)).map(([, stays]) => stays));
      await inPortions(gone, ([key, collected]) => {
        end(collected, key);
        // Last: what could not be ended is ended by the next config.
        targets.delete(key);
      });
    }

    const bring = ([key, collected]: readonly [string, CollectedPush]) => {
      const before = targets.get(key);
      if (before !== undefined && isDeepStrictEqual(before.target, collected.target)) {
        // The old one, whose key the collector finds much faster.
        wanted.set(key, before);
        return;
      }
      // First: what was begun in part is then ended like the others.
      targets.set(key, collected);
      if (before === undefined) begin(collected, now);
      else series.retarget(collected.target);
    };
    await inPortions([...wanted], bring);
    // They are the same by now; these are in the order of the config.
    targets = wanted;
    collector.setTargets([...wanted.values()]);
  }

  return {
    name,
    operation,
    collector,
    views,
    failures,
    targets: () => targets,
    apply,
    showState() {
      const { targets: count, failing, lastSuccessAt, roundMs, lastRunMs } = collector.state();
      metrics.showBudget({ ...labels, operation }, limiter.perSecond());
      metrics.showCollector(
        { ...labels, collector: name },
        {
          targets: count,
          failing,
          lastSuccessAt,
          newestSampleAt,
          intervalMs: roundMs,
          runDurationMs: lastRunMs,
          clockBehindMs: clockWatch.behindMs(clock.now()),
        },
      );
    },
  };
}
