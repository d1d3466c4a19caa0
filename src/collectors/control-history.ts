import { createChangeLog } from '../log/change-log.ts';
import type { ControlSeries } from '../metrics/control/control-series.ts';
import { otherAction } from '../model/control-ledger.ts';
import { beginControlAnew, controlComesBack, isControlUnasked } from '../model/control-record.ts';
import type { ControlHistorySource } from '../model/questions.ts';
import { beginControl, type SavedControl } from '../model/saved-record.ts';
import type { InPortions } from '../model/slices.ts';
import { type ControlTarget, controlTargetKey } from '../model/target.ts';
import { isUntouched } from '../model/target-ledger.ts';
import type { EpochMs } from '../model/time.ts';
import {
  type CollectedControl,
  type CountedControl,
  createControlRun,
  toCollectedControl,
} from '../polling/control-history.ts';
import { type Collector, createCollector } from '../polling/poller.ts';
import type { FailureInput } from '../status/inputs.ts';
import { type Collection, type CollectionParts, createOddities } from './answer-warnings.ts';
import { createClockWatch } from './clock-setback.ts';
import { createBeginnings } from './pending-starts.ts';
import { runDeadlineMs } from './sources.ts';

/** The question "control history" put to one account. */
export interface ControlCollection extends Collection {
  readonly collector: Collector<CollectedControl>;
  /**
   * From now on the answers come from here; and about these targets, a few at a time, once the promise ends. What did not
   * change goes on as it was. To be called again only then.
   */
  apply(
    source: ControlHistorySource,
    targets: readonly ControlTarget[],
    now: EpochMs,
    inPortions: InPortions,
  ): Promise<void>;
  targets(): Iterable<ControlTarget>;
  /** By target key; of targets whose newest run brought no answer. */
  readonly failures: ReadonlyMap<string, FailureInput>;
  /** How many streams are known from their actions. */
  streams(): number;
}

export interface ControlCollectionParts extends CollectionParts {
  readonly source: ControlHistorySource;
  readonly series: ControlSeries;
  /** How many streams more may be shown. */
  readonly room: () => number;
  readonly onDropped: (streamKeys: readonly string[]) => void;
}

/** So many raw spellings are logged of those that share one label. */
const maxLogged = 100;

export function createControlCollection(parts: ControlCollectionParts): ControlCollection {
  const { account, limiters, keeper, series, metrics, log, clock, signal, room, onDropped } = parts;
  let { source } = parts;
  const { operation } = source;
  const labels = { account: account.name, provider: account.provider };
  const name = 'control_history';
  const limiter = limiters.get(operation);
  if (limiter === undefined) throw new Error(`${operation} has no budget`);
  const failureLog = createChangeLog(log, { account: account.name, operation });
  const tellOddities = createOddities(parts, operation);
  const clockWatch = createClockWatch(parts, operation);
  const beginnings = createBeginnings(clock);
  const logged = new Set<string>();
  const failures = new Map<string, FailureInput>();
  /** By target key, those that are shown. */
  let targets = new Map<string, ControlTarget>();

  function* records(): Iterable<SavedControl> {
    for (const key of targets.keys()) {
      const record = keeper.record(key);
      if (record?.question === 'control_history') yield record;
    }
  }

  /** The action labels that the account has. */
  function spellings(): ReadonlySet<string> {
    const known = new Set<string>();
    for (const { domain } of records())
      for (const spelling of Object.keys(domain.actions)) known.add(spelling);
    return known;
  }

  const run = createControlRun({
    source: () => source,
    keeper,
    bounds: () => ({ spellings: spellings(), room: room() }),
    onCounted,
    onWaiting({ key }, until, now) {
      if (targets.has(key)) clockWatch.waits(key, until, now);
    },
  });

  function moveBeginning({ key, target }: CollectedControl, now: EpochMs): void {
    const at = beginnings.movedTo(key, now);
    const held = keeper.record(key);
    if (at === undefined || held?.question !== 'control_history') return;
    if (held.target.backFrom !== undefined) keeper.take({ ...held, ...controlComesBack(held, target, at) });
    else if (isControlUnasked(held)) keeper.take({ ...held, ...beginControlAnew(held, target, at) });
  }

  const collector = createCollector<CollectedControl>({
    run(collected, now, runSignal) {
      moveBeginning(collected, now);
      return run(collected, now, runSignal);
    },
    onSuccess({ key, target: { domain } }) {
      failures.delete(key);
      failureLog.succeeded(domain, { target: domain });
    },
    onFailure({ key, target: { domain } }, { kind, message, stack }) {
      failures.set(key, { kind, message, at: clock.now() });
      failureLog.failed(domain, kind, message, { target: domain, ...(stack && { stack }) });
    },
    isFirst: () => false,
    perSecond: limiter.perSecond,
    configuredPerSecond: limiter.configuredPerSecond,
    waiting: limiter.waiting,
    runDeadlineMs,
    clock,
    signal,
  });

  function onCounted({ key, target }: CollectedControl, counted: CountedControl): void {
    if (!targets.has(key)) return;
    clockWatch.goesOn(key);
    beginnings.forget(key);
    series.showWatermark(key, counted.watermark);
    onDropped(counted.dropped);
    tellOddities(target.domain, counted);
    const known = spellings();
    for (const { action } of counted.fresh) {
      if (known.has(action) || logged.has(action) || logged.size >= maxLogged) continue;
      logged.add(action);
      log.warn('an action has no label of its own', { account: account.name, action, label: otherAction });
    }
  }

  /** Gone and back before a save, a domain must not show more than a kill -9 would leave. */
  function showable(held: SavedControl | undefined): SavedControl | undefined {
    const shown = held && keeper.showable(held);
    return shown?.question === 'control_history' ? shown : undefined;
  }

  function begin(target: ControlTarget, key: string, now: EpochMs): void {
    const known = keeper.record(key);
    const before = known?.question === 'control_history' ? known : undefined;
    const record = beginControl(before, target, now);
    const shown = showable(before) ?? beginControl(undefined, target, now);
    if (record !== before) {
      keeper.take(record);
      beginnings.began(key, now);
    }
    series.begin(target, shown);
    // Of one that was never asked it says how far back it will be.
    if (!isUntouched(record.target)) series.showWatermark(key, record.target.watermark);
  }

  return {
    name,
    operation,
    collector,
    failures,
    targets: () => targets.values(),
    streams: () => [...records()].reduce((sum, record) => sum + record.streams.size, 0),
    async apply(newSource, newTargets, now, inPortions) {
      if (source !== newSource) collector.retryFailing();
      source = newSource;
      const wanted = new Map(newTargets.map((target) => [controlTargetKey(target), target]));
      const gone = [...targets].filter(([key]) => !wanted.has(key));
      if (gone.length > 0) {
        // First of all nobody asks about them any more.
        const staying = [...targets].filter(([key]) => wanted.has(key)).map(([, target]) => target);
        collector.setTargets(staying.map(toCollectedControl));
        const leave = ([key, { domain }]: readonly [string, ControlTarget]) => {
          series.end(key);
          failures.delete(key);
          failureLog.forget(domain);
          clockWatch.goesOn(key);
          beginnings.forget(key);
          // Last: what could not be ended is ended by the next config.
          targets.delete(key);
        };
        await inPortions(gone, leave);
      }
      const bring = ([key, target]: readonly [string, ControlTarget]) => {
        const isNew = !targets.has(key);
        targets.set(key, target);
        if (isNew) begin(target, key, now);
      };
      await inPortions([...wanted], bring);
      // The same ones, in the order of the config.
      targets = wanted;
      collector.setTargets(newTargets.map(toCollectedControl));
    },
    showState() {
      const { targets: count, failing, lastSuccessAt, roundMs, lastRunMs } = collector.state();
      metrics.showBudget({ ...labels, operation }, limiter.perSecond());
      metrics.showCollector(
        { ...labels, collector: name },
        {
          targets: count,
          failing,
          lastSuccessAt,
          intervalMs: roundMs,
          runDurationMs: lastRunMs,
          clockBehindMs: clockWatch.behindMs(clock.now()),
        },
      );
    },
  };
}
