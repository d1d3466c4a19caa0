import type { ControlLedger } from '../../model/control-ledger.ts';
import { streamLabels } from '../table/identity-labels.ts';
import { createSeriesTable, type RowId } from '../table/series-table.ts';
import type { HoldQueue } from '../zero-hold.ts';
import { type ActionSubject, createActionRows, type HeldAction, type SubjectActions } from './action-rows.ts';
import {
  controlledStreamFamilies,
  controlTexts,
  lastActionFamilies,
  streamActionFamilies,
} from './control-families.ts';

/** State of the control series of one stream. */
export interface ControlledStream {
  readonly subject: ActionSubject;
  readonly row: RowId;
  readonly actions: SubjectActions;
  /** Ledger that the gauges show; undefined before the first one. */
  newest: ControlLedger | undefined;
  /** Ledger that the counters show; undefined before the first save. */
  saved: ControlLedger | undefined;
}

/** Streams of one target that have series, by stream key. */
type TargetStreams = Map<string, ControlledStream>;

/** Ledgers (totals) of one stream. */
interface StreamLedgers {
  readonly streamKey: string;
  /** Ledger after the newest answer. */
  readonly newest: ControlLedger;
  /** Ledger on disk; undefined if the stream was never saved. */
  readonly saved: ControlLedger | undefined;
}

/** Creates the control series of the streams of all targets. */
export function createControlledStreams(hold: HoldQueue<HeldAction>) {
  const { streamAction, controlledStream } = controlTexts;
  const actionTable = createSeriesTable({ streamAction });
  const streamTable = createSeriesTable({ controlledStream });
  const streamActions = createActionRows(hold, actionTable, {
    text: 'streamAction',
    gauges: lastActionFamilies,
    counters: streamActionFamilies,
  });
  const setStreamRow = streamTable.addFamilies(controlledStreamFamilies);
  /**
   * Streams of the target that exposes a stream, by stream key. If two targets report the same stream, only the
   * first of them exposes it, because duplicate series are invalid.
   */
  const owners = new Map<string, TargetStreams>();

  const add = (targetKey: string, streamKey: string, { stream }: ControlLedger): ControlledStream => {
    const labels = streamLabels(stream);
    const row = streamTable.addRow();
    streamTable.setText(row, 'controlledStream', labels);
    const subject = { targetKey, streamKey, labels };
    return { subject, row, actions: new Map(), newest: undefined, saved: undefined };
  };

  return {
    tables: [actionTable, streamTable],
    /**
     * Sets the series of a stream of a target from its ledgers. An unchanged ledger is the same object as before, so
     * it costs no work. Returns false, and sets nothing, if another target exposes the stream.
     */
    set(streams: TargetStreams, targetKey: string, { streamKey, newest, saved }: StreamLedgers): boolean {
      const known = streams.get(streamKey);
      if (known !== undefined && known.newest === newest && known.saved === saved) return true;
      if (known === undefined && owners.has(streamKey)) return false;
      const series = known ?? add(targetKey, streamKey, newest);
      series.newest = newest;
      series.saved = saved;
      streams.set(streamKey, series);
      owners.set(streamKey, streams);
      setStreamRow(series.row, newest);
      streamActions.set(series.actions, series.subject, { newest: newest.actions, saved: saved?.actions });
      return true;
    },
    /** Removes the series of a stream of a target. */
    remove(streams: TargetStreams, streamKey: string, { row, actions }: ControlledStream) {
      streamTable.freeRow(row);
      streamActions.remove(actions);
      streams.delete(streamKey);
      owners.delete(streamKey);
    },
  };
}
