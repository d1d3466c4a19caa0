import type { ControlLedger } from '../../model/control-ledger.ts';
import type { ControlRecord } from '../../model/control-record.ts';
import { type ControlTarget, controlTargetKey } from '../../model/target.ts';
import type { EpochMs } from '../../model/time.ts';
import { renderTogether } from '../exposition/exposition.ts';
import { domainLabels, streamLabels } from '../table/identity-labels.ts';
import { createSeriesTable, type RowId } from '../table/series-table.ts';
import type { ZeroHold } from '../zero-hold.ts';
import { type ActionSubject, createActionRows, type HeldAction, type SubjectActions } from './action-rows.ts';
import {
  controlledStreamFamilies,
  controlTexts,
  domainActionFamilies,
  domainFamilies,
  domainWatermarkFamilies,
  streamActionFamilies,
} from './control-families.ts';

export type ControlSeries = ReturnType<typeof createControlSeries>;

/**
 * State of the series of one control target. A control target is a domain whose control actions are polled.
 */
interface TargetSeries {
  readonly domain: ActionSubject;
  readonly row: RowId;
  readonly actions: SubjectActions;
  /**
   * Series of the streams of the domain, by stream key. Contains only the streams that this target exposes.
   */
  readonly streams: Map<string, StreamSeries>;
  /**
   * Ledgers (totals of one stream each) that the series in `streams` currently expose. If undefined, the next
   * record updates all streams.
   */
  ledgers: ControlRecord['streams'] | undefined;
}

/** State of the control series of one stream. */
interface StreamSeries {
  readonly stream: ActionSubject;
  readonly row: RowId;
  readonly actions: SubjectActions;
  ledger: ControlLedger;
}

/**
 * Creates the series of all control targets. An update is a no-op if its target was never added or was
 * removed. `onRelease` receives the actions whose zero hold can end, because every known scraper has received
 * their counters at 0.
 */
export function createControlSeries({
  zeroHold,
  onRelease,
}: {
  readonly zeroHold: Pick<ZeroHold, 'addQueue'>;
  readonly onRelease: (actions: readonly HeldAction[]) => void;
}) {
  const { streamAction, controlledStream, domainAction, controlledDomain } = controlTexts;
  const streamActionTable = createSeriesTable({ streamAction });
  const streamTable = createSeriesTable({ controlledStream });
  const domainActionTable = createSeriesTable({ domainAction });
  const domainTable = createSeriesTable({ controlledDomain });
  const hold = zeroHold.addQueue(onRelease);
  const streamActions = createActionRows(hold, streamActionTable, 'streamAction', streamActionFamilies);
  const domainActions = createActionRows(hold, domainActionTable, 'domainAction', domainActionFamilies);
  const setStreamRow = streamTable.addFamilies(controlledStreamFamilies);
  const setDomainRow = domainTable.addFamilies(domainFamilies);
  const setWatermarkRow = domainTable.addFamilies(domainWatermarkFamilies);
  const targets = new Map<string, TargetSeries>();
  /**
   * Target that exposes a stream, by stream key. If two targets report the same stream, only the first of
   * them exposes it, because duplicate series are invalid.
   */
  const owners = new Map<string, TargetSeries>();

  const addStream = (targetKey: string, streamKey: string, ledger: ControlLedger): StreamSeries => {
    const labels = streamLabels(ledger.stream);
    const row = streamTable.addRow();
    streamTable.setText(row, 'controlledStream', labels);
    return { stream: { targetKey, streamKey, labels }, row, actions: new Map(), ledger };
  };

  /** Sets the series of a stream from its ledger, unless another target exposes the stream. */
  const setStream = (target: TargetSeries, streamKey: string, ledger: ControlLedger) => {
    const known = target.streams.get(streamKey);
    if (known?.ledger === ledger) return;
    if (known === undefined && owners.has(streamKey)) return;
    const series = known ?? addStream(target.domain.targetKey, streamKey, ledger);
    series.ledger = ledger;
    target.streams.set(streamKey, series);
    owners.set(streamKey, target);
    setStreamRow(series.row, ledger);
    streamActions.set(series.actions, series.stream, ledger.actions);
  };

  const removeStream = (target: TargetSeries, streamKey: string, { row, actions }: StreamSeries) => {
    streamTable.freeRow(row);
    streamActions.remove(actions);
    target.streams.delete(streamKey);
    owners.delete(streamKey);
  };

  /**
   * Sets the series of a target and its streams from the record of the target, which contains all its
   * ledgers.
   */
  const setTarget = (target: TargetSeries, { domain, streams }: ControlRecord) => {
    setDomainRow(target.row, domain);
    domainActions.set(target.actions, target.domain, domain.actions);
    if (target.ledgers === streams) return;
    target.ledgers = streams;
    for (const [streamKey, series] of target.streams) {
      if (!streams.has(streamKey)) removeStream(target, streamKey, series);
    }
    for (const [streamKey, ledger] of streams) setStream(target, streamKey, ledger);
  };

  return {
    tables: renderTogether([streamActionTable, streamTable, domainActionTable, domainTable]),
    /**
     * Adds the series of a target. `record` is the target's record, either new or restored from the state
     * file.
     */
    add(target: ControlTarget, record: ControlRecord) {
      const targetKey = controlTargetKey(target);
      if (targets.has(targetKey)) throw new Error('cannot add a control target twice');
      const labels = domainLabels(target);
      const row = domainTable.addRow();
      domainTable.setText(row, 'controlledDomain', labels);
      const series: TargetSeries = {
        domain: { targetKey, streamKey: undefined, labels },
        row,
        actions: new Map(),
        streams: new Map(),
        ledgers: undefined,
      };
      targets.set(targetKey, series);
      setTarget(series, record);
    },
    /**
     * Sets the counters and gauges of a target from its record. Call this method after the record was saved.
     * Unchanged ledgers are the same objects as before, so they cost no work.
     */
    setRecord(targetKey: string, record: ControlRecord) {
      const target = targets.get(targetKey);
      if (target !== undefined) setTarget(target, record);
    },
    /**
     * Sets the watermark of a target: the end of its last successful request window (wall clock, epoch ms).
     * The watermark does not have to be saved first.
     */
    setWatermark(targetKey: string, watermark: EpochMs) {
      const target = targets.get(targetKey);
      if (target !== undefined) setWatermarkRow(target.row, watermark);
    },
    /** Removes all series of the target and its streams. */
    remove(targetKey: string) {
      const target = targets.get(targetKey);
      if (target === undefined) return;
      for (const [streamKey, series] of target.streams) removeStream(target, streamKey, series);
      domainActions.remove(target.actions);
      domainTable.freeRow(target.row);
      targets.delete(targetKey);
      // A remaining target may also report streams that only the removed target exposed. Forget the ledgers
      // of all remaining targets, so that the next record of each one updates all of its streams.
      for (const other of targets.values()) other.ledgers = undefined;
    },
  };
}
