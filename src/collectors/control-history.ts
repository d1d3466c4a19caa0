import { createChangeLog } from '../log/change-log.ts';
import type { ControlSeries } from '../metrics/control/control-series.ts';
import { otherAction } from '../model/control-ledger.ts';
import { restartControl, resumeControl, wasControlNeverPolled } from '../model/control-record.ts';
import type { ControlHistorySource } from '../model/questions.ts';
import { type SavedControl, startOrResumeControl } from '../model/saved-record.ts';
import type { InSlices } from '../model/slices.ts';
import { type ControlTarget, controlTargetKey } from '../model/target.ts';
import { wasNeverPolled } from '../model/target-ledger.ts';
import type { EpochMs } from '../model/time.ts';
import {
  type ControlPollTarget,
  type CountedControl,
  createControlRun,
  toControlPollTarget,
} from '../polling/control-history.ts';
import { createPoller, type Poller } from '../polling/poller.ts';
import type { FailureInput } from '../status/inputs.ts';
import { type Collector, type CollectorParts, createAnswerWarnings } from './answer-warnings.ts';
import { createClockSetback } from './clock-setback.ts';
import { createPendingStarts } from './pending-starts.ts';
import { runDeadlineMs } from './sources.ts';

/** The question "control history" put to one account. */
export interface ControlCollector extends Collector {
  readonly poller: Poller<ControlPollTarget>;
  /**
   * From now on the answers come from here; and about these targets, a few at a time, once the promise ends. What did not
   * change goes on as it was. To be called again only then.
   */
  apply(
    source: ControlHistorySource,
    targets: readonly ControlTarget[],
    now: EpochMs,
    inSlices: InSlices,
  ): Promise<void>;
  targets(): Iterable<ControlTarget>;
  /** By target key; of targets whose newest run brought no answer. */
  readonly failures: ReadonlyMap<string, FailureInput>;
  /** How many streams are known from their actions. */
  streams(): number;
}

export interface ControlCollectorParts extends CollectorParts {
  readonly source: ControlHistorySource;
  readonly series: ControlSeries;
  /** How many streams more may be shown. */
  readonly room: () => number;
  readonly onDropped: (streamKeys: readonly string[]) => void;
}

/** So many raw spellings are logged of those that share one label. */
const maxLogged = 100;

export function createControlCollector(parts: ControlCollectorParts): ControlCollector {
  const { account, limiters, cache, series, metrics, log, clock, signal, room, onDropped } = parts;
  let { source } = parts;
  const { operation } = source;
  const labels = { account: account.name, provider: account.provider };
  const name = 'control_history';
  const limiter = limiters.get(operation);
  if (limiter === undefined) throw new Error(`${operation} has no budget`);
  const failureLog = createChangeLog(log, { account: account.name, operation });
  const reportWarnings = createAnswerWarnings(parts, operation);
  const clockSetback = createClockSetback(parts, operation);
  const pendingStarts = createPendingStarts(clock);
  const logged = new Set<string>();
  const failures = new Map<string, FailureInput>();
  /** By target key, those that are shown. */
  let targets = new Map<string, ControlTarget>();

  function* records(): Iterable<SavedControl> {
    for (const key of targets.keys()) {
      const record = cache.record(key);
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
    cache,
    bounds: () => ({ actionLabels: spellings(), freeStreams: room() }),
    onCounted,
    onWaiting({ key }, until, now) {
      if (targets.has(key)) clockSetback.pause(key, until, now);
    },
  });

  function adjustStart({ key, target }: ControlPollTarget, now: EpochMs): void {
    const at = pendingStarts.adjustedStart(key, now);
    const held = cache.record(key);
    if (at === undefined || held?.question !== 'control_history') return;
    if (held.target.backFrom !== undefined) cache.put({ ...held, ...resumeControl(held, target, at) });
    else if (wasControlNeverPolled(held)) cache.put({ ...held, ...restartControl(held, target, at) });
  }

  const poller = createPoller<ControlPollTarget>({
    run(pollTarget, now, runSignal) {
      adjustStart(pollTarget, now);
      return run(pollTarget, now, runSignal);
    },
    onSuccess({ key, target: { domain } }) {
      failures.delete(key);
      failureLog.succeeded(domain, { target: domain });
    },
    onFailure({ key, target: { domain } }, { kind, message, stack }) {
      failures.set(key, { kind, message, at: clock.now() });
      failureLog.failed(domain, kind, message, { target: domain, ...(stack && { stack }) });
    },
    hasPriority: () => false,
    perSecond: limiter.perSecond,
    configuredPerSecond: limiter.configuredPerSecond,
    waiting: limiter.waiting,
    runDeadlineMs,
    clock,
    signal,
  });

  function onCounted({ key, target }: ControlPollTarget, counted: CountedControl): void {
    if (!targets.has(key)) return;
    clockSetback.resume(key);
    pendingStarts.remove(key);
    series.setWatermark(key, counted.watermark);
    onDropped(counted.dropped);
    reportWarnings(target.domain, counted);
    const known = spellings();
    for (const { action } of counted.added) {
      if (known.has(action) || logged.has(action) || logged.size >= maxLogged) continue;
      logged.add(action);
      log.warn('an action has no label of its own', { account: account.name, action, label: otherAction });
    }
  }

  /** Gone and back before a save, a domain must not show more than a kill -9 would leave. */
  function showable(held: SavedControl | undefined): SavedControl | undefined {
    const shown = held && cache.durable(held);
    return shown?.question === 'control_history' ? shown : undefined;
  }

  function begin(target: ControlTarget, key: string, now: EpochMs): void {
    const known = cache.record(key);
    const before = known?.question === 'control_history' ? known : undefined;
    const record = startOrResumeControl(before, target, now);
    const shown = showable(before) ?? startOrResumeControl(undefined, target, now);
    if (record !== before) {
      cache.put(record);
      pendingStarts.add(key, now);
    }
    series.add(target, shown);
    // Of one that was never asked it says how far back it will be.
    if (!wasNeverPolled(record.target)) series.setWatermark(key, record.target.watermark);
  }

  return {
    name,
    operation,
    poller,
    failures,
    targets: () => targets.values(),
    streams: () => [...records()].reduce((sum, record) => sum + record.streams.size, 0),
    async apply(newSource, newTargets, now, inSlices) {
      if (source !== newSource) poller.resetBackoff();
      source = newSource;
      const wanted = new Map(newTargets.map((target) => [controlTargetKey(target), target]));
      const gone = [...targets].filter(([key]) => !wanted.has(key));
      if (gone.length > 0) {
        // First of all nobody asks about them any more.
        const staying = [...targets].filter(([key]) => wanted.has(key)).map(([, target]) => target);
        poller.setTargets(staying.map(toControlPollTarget));
        const leave = ([key, { domain }]: readonly [string, ControlTarget]) => {
          series.remove(key);
          failures.delete(key);
          failureLog.forget(domain);
          clockSetback.resume(key);
          pendingStarts.remove(key);
          // Last: what could not be ended is ended by the next config.
          targets.delete(key);
        };
        await inSlices(gone, leave);
      }
      const bring = ([key, target]: readonly [string, ControlTarget]) => {
        const isNew = !targets.has(key);
        targets.set(key, target);
        if (isNew) begin(target, key, now);
      };
      await inSlices([...wanted], bring);
      // The same ones, in the order of the config.
      targets = wanted;
      poller.setTargets(newTargets.map(toControlPollTarget));
    },
    showState() {
      const { targets: count, failing, lastSuccessAt, effectiveIntervalMs, lastRunMs } = poller.state();
      metrics.setBudget({ ...labels, operation }, limiter.perSecond());
      metrics.setCollector(
        { ...labels, collector: name },
        {
          targets: count,
          failing,
          lastSuccessAt,
          intervalMs: effectiveIntervalMs,
          runDurationMs: lastRunMs,
          clockBehindMs: clockSetback.behindMs(clock.now()),
        },
      );
    },
  };
}
