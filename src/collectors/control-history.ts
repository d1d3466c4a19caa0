import type { Log } from '../log.ts';
import type { ControlSeries } from '../metrics/control/control-series.ts';
import type { ControlAction } from '../model/control-action.ts';
import { otherAction } from '../model/control-ledger.ts';
import type { ControlHistorySource } from '../model/questions.ts';
import { createControlRecords, type SavedControl } from '../model/saved-record.ts';
import { wasNeverPolled } from '../model/target-ledger.ts';
import { type ControlPollTarget, createControlRun } from '../polling/control-history.ts';
import type { RecordCache } from '../polling/record-cache.ts';
import type { QuestionSpec, RowListener } from './collector.ts';
import type { CollectorParts } from './collector-parts.ts';
import { createRecordStarts } from './record-starts.ts';

export interface ControlHistoryParts extends Pick<CollectorParts, 'account' | 'clock'> {
  /** Read for each request, because a reload can replace the source. */
  readonly source: () => ControlHistorySource;
  readonly cache: RecordCache;
  readonly series: ControlSeries;
  readonly log: Log;
  /** How many more streams `limits.max_streams` allows. */
  readonly freeStreams: () => number;
  /** Receives the keys of streams beyond the limit. */
  readonly onDropped: (streamKeys: readonly string[]) => void;
}

/** What control history adds to the generic collector: one target is one domain, and counts the actions of its streams. */
export function createControlHistorySpec(
  parts: ControlHistoryParts,
): QuestionSpec<ControlPollTarget, ControlAction> {
  const { account, source, cache, series, clock, freeStreams, onDropped } = parts;
  const watched = new Set<string>();
  const records = createControlRecords(() => ({ actionLabels: actionLabels(), freeStreams: freeStreams() }));
  const starts = createRecordStarts(records, cache, clock);
  const run = createControlRun({ records, cache, source });
  const reportOther = createOtherActionLog(parts.log, account.account);

  const recordOf = (key: string): SavedControl | undefined => records.read(cache.record(key));

  /** Action labels of all domains of the account. */
  function actionLabels(): ReadonlySet<string> {
    const labels = [...watched].flatMap((key) => Object.keys(recordOf(key)?.domain.actions ?? {}));
    return new Set(labels);
  }

  const publish: RowListener<ControlPollTarget, ControlAction> = ({ key }, { watermark, dropped, added }) => {
    starts.remove(key);
    series.setWatermark(key, watermark);
    onDropped(dropped);
    reportOther(added, actionLabels());
  };

  return {
    question: 'control_history',
    operation: source().operation,
    nameOf: ({ target }) => target.domain,
    hasPriority: () => false,
    start(pollTarget, now) {
      const { key, target } = pollTarget;
      const { record, durable } = starts.start(pollTarget, now);
      watched.add(key);
      series.add(target, durable);
      // A target that was never polled has no watermark yet, only the start of its first window.
      if (!wasNeverPolled(record.target)) series.setWatermark(key, record.target.watermark);
    },
    // The series show nothing of a target but its domain, and that is its identity.
    update: () => undefined,
    stop({ key }) {
      watched.delete(key);
      series.remove(key);
      starts.remove(key);
    },
    run(pollTarget, now, signal, events) {
      starts.adjust(pollTarget, now);
      return run(pollTarget, now, signal, events);
    },
    listeners: [publish],
    streams: (targets) => [...targets].reduce((sum, { key }) => sum + (recordOf(key)?.streams.size ?? 0), 0),
    toStatus: ({ key, target }, failure) => ({ domain: { target, record: recordOf(key), failure } }),
  };
}

/** Logs each action word that has no label of its own once, and at most 100 words. */
function createOtherActionLog(log: Log, account: string) {
  const logged = new Set<string>();
  return (actions: readonly ControlAction[], labels: ReadonlySet<string>): void => {
    for (const { action } of actions) {
      if (labels.has(action) || logged.has(action) || logged.size >= maxLogged) continue;
      logged.add(action);
      log.warn('action counted under another label: too many action labels', {
        account,
        action,
        label: otherAction,
      });
    }
  };
}

const maxLogged = 100;
