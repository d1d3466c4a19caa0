import type { ControlLedger } from '../../model/control-ledger.ts';
import type { ControlRecord } from '../../model/control-record.ts';
import { type ControlTarget, controlTargetKey } from '../../model/target.ts';
import type { EpochMs } from '../../model/time.ts';
import type { RenderedTables } from '../exposition/exposition.ts';
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

/** Series of all control targets. Updates of a target that was not added, or was removed, are no-ops. */
export interface ControlSeries {
  readonly tables: RenderedTables;
  /** Adds the series of a target. `record` is restored or new. */
  add(target: ControlTarget, record: ControlRecord): void;
  /**
   * Sets the counters and the gauges from history. Call it after the record was saved. Ledgers are compared
   * by identity, so that only changed ones cost work.
   */
  setRecord(targetKey: string, record: ControlRecord): void;
  /** Sets the watermark. It does not have to be saved first. */
  setWatermark(targetKey: string, watermark: EpochMs): void;
  /** Removes all series of the target and its streams. */
  remove(targetKey: string): void;
}

interface TargetSeries {
  readonly domain: ActionSubject;
  readonly row: RowId;
  readonly actions: SubjectActions;
  /** By stream key. */
  readonly streams: Map<string, StreamSeries>;
  /** The ledgers that `streams` shows; undefined to force an update. */
  ledgers: ControlRecord['streams'] | undefined;
}

interface StreamSeries {
  readonly stream: ActionSubject;
  readonly row: RowId;
  readonly actions: SubjectActions;
  ledger: ControlLedger;
}

/** `onRelease` receives the actions whose counters can leave 0. */
export function createControlSeries({
  zeroHold,
  onRelease,
}: {
  readonly zeroHold: Pick<ZeroHold, 'addQueue'>;
  readonly onRelease: (actions: readonly HeldAction[]) => void;
}): ControlSeries {
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
  /** In rendering order. */
  const tables = [streamActionTable, streamTable, domainActionTable, domainTable];
  const targets = new Map<string, TargetSeries>();
  /**
   * The target that shows a stream. If two targets report the same stream, the first shows it: no duplicate
   * series.
   */
  const owners = new Map<string, TargetSeries>();

  const addStream = (targetKey: string, streamKey: string, ledger: ControlLedger): StreamSeries => {
    const labels = streamLabels(ledger.stream);
    const row = streamTable.addRow();
    streamTable.setText(row, 'controlledStream', labels);
    return { stream: { targetKey, streamKey, labels }, row, actions: new Map(), ledger };
  };

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
    tables: {
      version: () => tables.reduce((sum, table) => sum + table.version(), 0),
      snapshots: () => tables.map((table) => table.snapshot()),
    },
    add(target, record) {
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
    setRecord(targetKey, record) {
      const target = targets.get(targetKey);
      if (target !== undefined) setTarget(target, record);
    },
    setWatermark(targetKey, watermark) {
      const target = targets.get(targetKey);
      if (target !== undefined) setWatermarkRow(target.row, watermark);
    },
    remove(targetKey) {
      const target = targets.get(targetKey);
      if (target === undefined) return;
      for (const [streamKey, series] of target.streams) removeStream(target, streamKey, series);
      domainActions.remove(target.actions);
      domainTable.freeRow(target.row);
      targets.delete(targetKey);
      // Another target may report the streams that this one showed: update all of them with their next
      // record.
      for (const other of targets.values()) other.ledgers = undefined;
    },
  };
}
