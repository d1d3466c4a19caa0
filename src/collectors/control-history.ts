import type { Log } from '../log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { ControlAction } from '../model/control-action.ts';
import { otherAction } from '../model/control-ledger.ts';
import type { ControlRecord } from '../model/control-record.ts';
import type { PushEnd } from '../model/push-end.ts';
import { createControlRecords } from '../model/saved-record.ts';
import { streamKey } from '../model/stream.ts';
import { withoutOldest } from '../model/stream-eviction.ts';
import { type ControlTarget, defaultAppName } from '../model/target.ts';
import { wasNeverPolled } from '../model/target-ledger.ts';
import { type ControlPollTarget, createControlRun, toControlPollTarget } from '../polling/control-history.ts';
import { type Collector, createCollector, presentSource } from './collector.ts';
import type { CollectorParts } from './collector-parts.ts';
import type { QuestionSpec } from './question-spec.ts';
import { createRecordStarts } from './record-starts.ts';
import type { ActedUponStreams } from './stream-limit.ts';

/**
 * Creates the collector of control history for an account; undefined if the account has no source for control
 * history.
 */
export function createControlHistory(parts: CollectorParts): Collector | undefined {
  return parts.sources().control_history && createCollector(createControlHistorySpec(parts), parts);
}

/**
 * Creates the parts of the collector that are specific to control history. A target is a domain; the actions
 * on its streams are counted.
 */
function createControlHistorySpec(
  parts: CollectorParts,
): QuestionSpec<ControlTarget, ControlPollTarget, ControlAction> {
  const { account, cache, streamLimit, clock, pushViews, forbiddenAlerts: alerts } = parts;
  const series = parts.metrics.control;
  const source = () => presentSource(parts.sources().control_history);
  const watched = new Set<string>();
  const records = createControlRecords(() => ({ actionLabels: actionLabels() }));
  const starts = createRecordStarts(records, cache, clock);
  const polling = createControlRun({
    records,
    cache,
    source,
    onEnds: (target, ends) => showEnds(parts.metrics.series, target, ends),
    clock,
  });
  const reportOther = createOtherActionLog(parts.log, account.account);

  const recordOf = (key: string): ControlRecord | undefined => records.read(cache.record(key));

  /** Sets the gauges of a domain from its record in the cache, which does not have to be saved first. */
  function showNewest(key: string): void {
    const record = recordOf(key);
    if (record === undefined) return;
    series.setView(key, record);
    alerts.set(key, record, clock.now());
  }

  /** Returns the streams of a domain, for the limit on the number of streams. */
  function streamsOf(key: string): ActedUponStreams {
    return {
      totalSize: () => recordOf(key)?.streams.size ?? 0,
      size() {
        const record = recordOf(key);
        return record === undefined ? 0 : record.streams.size - pushViews.targetKeysIn(record.streams).size;
      },
      isPushTarget: pushViews.has,
      evictOldest(count) {
        const before = recordOf(key);
        if (before === undefined) return [];
        const { streams, removed } = withoutOldest(
          before.streams,
          count,
          pushViews.targetKeysIn(before.streams),
        );
        cache.put({ ...before, streams });
        showNewest(key);
        return removed;
      },
    };
  }

  /** Returns the action labels that are in use by the domains of the account. */
  function actionLabels(): ReadonlySet<string> {
    return new Set([...watched].flatMap((key) => Object.keys(recordOf(key)?.domain.actions ?? {})));
  }

  return {
    question: 'control_history',
    operation: source().operation,
    targetsOf: ({ control }) => control,
    toPollTarget: toControlPollTarget,
    nameOf: ({ target }) => target.domain,
    hasPriority: () => false,
    start(pollTarget, now) {
      const { key, target } = pollTarget;
      const { record, durable } = starts.start(pollTarget, now);
      watched.add(key);
      streamLimit.add(key, streamsOf(key));
      series.add(target, durable, record);
      alerts.add(key);
      alerts.set(key, record, now);
      // A target that was never polled has no watermark yet: the field contains the start of its first
      // request window.
      if (!wasNeverPolled(record.target)) series.setWatermark(key, record.target.watermark);
    },
    // There is nothing to update: the only setting of a target in its series is the domain, which identifies
    // the target and cannot change.
    update: () => undefined,
    stop({ key }) {
      watched.delete(key);
      streamLimit.remove(key);
      series.remove(key);
      alerts.remove(key);
      polling.forget(key);
      starts.remove(key);
    },
    async run(pollTarget, now, signal, context) {
      starts.adjust(pollTarget, now);
      try {
        return await polling.run(pollTarget, now, signal, context);
      } finally {
        // The target was removed during the run.
        if (!watched.has(pollTarget.key)) polling.forget(pollTarget.key);
      }
    },
    listeners: [
      ({ key }, { watermark, newStreams, added }, now) => {
        starts.remove(key);
        series.setWatermark(key, watermark);
        streamLimit.counted(key, newStreams, now);
        showNewest(key);
        reportOther(added, actionLabels());
      },
    ],
    toStatus: ({ key, target }, failure) => ({ domain: { target, record: recordOf(key), failure } }),
  };
}

/**
 * Shows the ends of pushes as gauges of the streams that have push series. A stream of the config can have an
 * empty application, which means the default one.
 */
function showEnds(
  series: Metrics['series'],
  { account, provider, domain }: ControlTarget,
  ends: readonly PushEnd[],
): void {
  for (const { appName, stream, endedAt, reason } of ends) {
    const id = { account, provider, domain, appName, stream };
    series.setEnd(streamKey(id), { endedAt, reason });
    if (appName === defaultAppName) series.setEnd(streamKey({ ...id, appName: '' }), { endedAt, reason });
  }
}

/**
 * Creates a function that logs the actions without a label of their own. It logs each name of an action once,
 * and at most `maxLogged` names.
 */
function createOtherActionLog(log: Log, account: string) {
  const logged = new Set<string>();
  return (actions: readonly ControlAction[], labels: ReadonlySet<string>): void => {
    for (const { action } of actions) {
      if (labels.has(action) || logged.has(action) || logged.size >= maxLogged) continue;
      logged.add(action);
      log.warn('too many different control actions: this action is counted with the label value "other"', {
        account,
        action,
        label: otherAction,
      });
    }
  };
}

/** Maximum number of action names that are logged per account. */
const maxLogged = 100;
