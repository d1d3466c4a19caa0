import type { ControlLedger } from '../../model/control-ledger.ts';
import type { ControlRecord } from '../../model/control-record.ts';
import { type ControlTarget, controlTargetKey } from '../../model/target.ts';
import type { EpochMs } from '../../model/time.ts';
import type { RenderedTables } from '../exposition/exposition.ts';
import { domainLabels, streamLabels } from '../table/identity-labels.ts';
import { createSeriesTable, type RowId } from '../table/series-table.ts';
import type { ZeroHoldPort } from '../zero-hold-port.ts';
import { type ActionSubject, createActionRows, type ShownActions } from './action-rows.ts';
import {
  controlledStreamFamilies,
  controlTexts,
  domainActionFamilies,
  domainFamilies,
  domainWatermarkFamilies,
  streamActionFamilies,
} from './control-families.ts';

/** The door to the series of all control targets. What is said of a target that was not begun, or was ended, is dropped. */
export interface ControlSeries {
  readonly tables: RenderedTables;
  /** The target's series appear. `record` is the one that it goes on from: restored, or new. */
  add(target: ControlTarget, record: ControlRecord): void;
  /**
   * The counters, and what is told by history alone. To be called when the record is saved. Ledgers are compared by
   * identity, so that of thousands of streams only those that changed cost work.
   */
  setRecord(targetKey: string, record: ControlRecord): void;
  /** At once: it need not be saved. */
  setWatermark(targetKey: string, watermark: EpochMs): void;
  /** All series of the target and its streams end. */
  remove(targetKey: string): void;
}

interface ShownTarget {
  readonly domain: ActionSubject;
  readonly row: RowId;
  readonly actions: ShownActions;
  /** By stream key. */
  readonly streams: Map<string, ShownStream>;
  /** What `streams` was made from. */
  ledgers: ControlRecord['streams'] | undefined;
}

interface ShownStream {
  readonly stream: ActionSubject;
  readonly row: RowId;
  readonly actions: ShownActions;
  ledger: ControlLedger;
}

/** `births` has keys of its own, those that parseControlBirth reads. */
export function createControlSeries(parts: ZeroHoldPort): ControlSeries {
  const { streamAction, controlledStream, domainAction, controlledDomain } = controlTexts;
  const streamActionTable = createSeriesTable({ streamAction });
  const streamTable = createSeriesTable({ controlledStream });
  const domainActionTable = createSeriesTable({ domainAction });
  const domainTable = createSeriesTable({ controlledDomain });
  const streamActions = createActionRows(parts, streamActionTable, 'streamAction', streamActionFamilies);
  const domainActions = createActionRows(parts, domainActionTable, 'domainAction', domainActionFamilies);
  const drawStream = streamTable.addFamilies(controlledStreamFamilies);
  const drawDomain = domainTable.addFamilies(domainFamilies);
  const drawWatermark = domainTable.addFamilies(domainWatermarkFamilies);
  const inOrder = [streamActionTable, streamTable, domainActionTable, domainTable];
  const shownByKey = new Map<string, ShownTarget>();
  /** Which target shows a stream: one that two of them tell of is one stream all the same, and no series comes twice. */
  const shownBy = new Map<string, ShownTarget>();

  const newStream = (targetKey: string, streamKey: string, ledger: ControlLedger): ShownStream => {
    const labels = streamLabels(ledger.stream);
    const row = streamTable.addRow();
    streamTable.setText(row, 'controlledStream', labels);
    return { stream: { targetKey, streamKey, labels }, row, actions: new Map(), ledger };
  };

  const showStream = (shown: ShownTarget, streamKey: string, ledger: ControlLedger) => {
    const known = shown.streams.get(streamKey);
    if (known?.ledger === ledger) return;
    if (known === undefined && shownBy.has(streamKey)) return;
    const showing = known ?? newStream(shown.domain.targetKey, streamKey, ledger);
    showing.ledger = ledger;
    shown.streams.set(streamKey, showing);
    shownBy.set(streamKey, shown);
    drawStream(showing.row, ledger);
    streamActions.set(showing.actions, showing.stream, ledger.actions);
  };

  const endStream = (shown: ShownTarget, streamKey: string, { stream, row, actions }: ShownStream) => {
    streamTable.freeRow(row);
    streamActions.remove(actions, stream);
    shown.streams.delete(streamKey);
    shownBy.delete(streamKey);
  };

  const showRecord = (shown: ShownTarget, { domain, streams }: ControlRecord) => {
    drawDomain(shown.row, domain);
    domainActions.set(shown.actions, shown.domain, domain.actions);
    if (shown.ledgers === streams) return;
    shown.ledgers = streams;
    // First those that left, so that a stream which moved from one target to another is free.
    for (const [streamKey, left] of shown.streams) {
      if (!streams.has(streamKey)) endStream(shown, streamKey, left);
    }
    for (const [streamKey, ledger] of streams) showStream(shown, streamKey, ledger);
  };

  return {
    tables: {
      version: () => inOrder.reduce((sum, table) => sum + table.version(), 0),
      snapshots: () => inOrder.map((table) => table.snapshot()),
    },
    add(target, record) {
      const targetKey = controlTargetKey(target);
      if (shownByKey.has(targetKey)) throw new Error('a control target was begun that is shown already');
      const labels = domainLabels(target);
      const row = domainTable.addRow();
      domainTable.setText(row, 'controlledDomain', labels);
      const shown: ShownTarget = {
        domain: { targetKey, streamKey: undefined, labels },
        row,
        actions: new Map(),
        streams: new Map(),
        ledgers: undefined,
      };
      shownByKey.set(targetKey, shown);
      showRecord(shown, record);
    },
    setRecord(targetKey, record) {
      const shown = shownByKey.get(targetKey);
      if (shown !== undefined) showRecord(shown, record);
    },
    setWatermark(targetKey, watermark) {
      const shown = shownByKey.get(targetKey);
      if (shown !== undefined) drawWatermark(shown.row, watermark);
    },
    remove(targetKey) {
      const shown = shownByKey.get(targetKey);
      if (shown === undefined) return;
      for (const [streamKey, stream] of shown.streams) endStream(shown, streamKey, stream);
      domainActions.remove(shown.actions, shown.domain);
      domainTable.freeRow(shown.row);
      shownByKey.delete(targetKey);
      // What this one showed may be known to another.
      for (const other of shownByKey.values()) other.ledgers = undefined;
    },
  };
}
