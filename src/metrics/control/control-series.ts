import type { ControlRecord } from '../../model/control-record.ts';
import { keysThatCanDiffer } from '../../model/layered-map.ts';
import { type ControlTarget, controlTargetKey } from '../../model/target.ts';
import type { EpochMs } from '../../model/time.ts';
import { createWorkQueue, type WorkQueueOptions } from '../../model/work-queue.ts';
import { renderTogether } from '../exposition/exposition.ts';
import { domainLabels } from '../table/identity-labels.ts';
import { createSeriesTable, type RowId } from '../table/series-table.ts';
import type { ZeroHold } from '../zero-hold.ts';
import { type ActionSubject, createActionRows, type HeldAction, type SubjectActions } from './action-rows.ts';
import {
  controlTexts,
  domainActionFamilies,
  domainFamilies,
  domainWatermarkFamilies,
} from './control-families.ts';
import { type ControlledStream, createControlledStreams } from './controlled-streams.ts';

export type ControlSeries = ReturnType<typeof createControlSeries>;

/** Ledgers of the streams of one domain, by stream key. */
type StreamLedgers = ControlRecord['streams'];

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
  readonly streams: Map<string, ControlledStream>;
  /** Ledgers in the newest answer. The gauges show them, and these streams have series. */
  newest: StreamLedgers;
  /** Ledgers on disk. The counters show them. */
  saved: StreamLedgers;
  /**
   * Ledgers that all series show; undefined if some series show others, or if another target exposes some of
   * the streams.
   */
  shown: { readonly newest: StreamLedgers; readonly saved: StreamLedgers } | undefined;
  /** Whether the queue contains an update of the series to the current ledgers. */
  isQueued: boolean;
}

/** Settings and functions that the control series need. */
interface ControlSeriesParts {
  readonly zeroHold: Pick<ZeroHold, 'addQueue'>;
  /**
   * Receives the actions whose zero hold can end, because every known scraper has received their counters at 0.
   */
  readonly onRelease: (actions: readonly HeldAction[]) => void;
  readonly slices: WorkQueueOptions;
}

/**
 * Creates the series of all control targets. An update is a no-op if its target was never added or was
 * removed. A domain can have tens of thousands of streams, so their series are set and removed in slices: a scrape
 * between two slices shows some of the streams, each with all its series.
 */
export function createControlSeries({ zeroHold, onRelease, slices }: ControlSeriesParts) {
  const { domainAction, controlledDomain } = controlTexts;
  const domainActionTable = createSeriesTable({ domainAction });
  const domainTable = createSeriesTable({ controlledDomain });
  const hold = zeroHold.addQueue(onRelease);
  const domainActions = createActionRows(hold, domainActionTable, {
    text: 'domainAction',
    gauges: [],
    counters: domainActionFamilies,
  });
  const setDomainRow = domainTable.addFamilies(domainFamilies);
  const setWatermarkRow = domainTable.addFamilies(domainWatermarkFamilies);
  const streams = createControlledStreams(hold);
  const queue = createWorkQueue(slices);
  const targets = new Map<string, TargetSeries>();

  /** Updates the series of the streams of a target to its ledgers at the start of the work. */
  function* updateStreams(target: TargetSeries) {
    target.isQueued = false;
    const { newest, saved, shown, domain } = target;
    if (shown?.newest === newest && shown.saved === saved) return;
    target.shown = undefined;
    let showsAll = true;
    for (const streamKey of keysToUpdate(target.streams, { newest, saved, shown })) {
      const series = target.streams.get(streamKey);
      const ledger = newest.get(streamKey);
      if (ledger !== undefined) {
        const ledgers = { streamKey, newest: ledger, saved: saved.get(streamKey) };
        if (!streams.set(target.streams, domain.targetKey, ledgers)) showsAll = false;
      } else if (series !== undefined) streams.remove(target.streams, streamKey, series);
      yield;
      // There is a newer answer, or the target was removed. The work for it is queued already.
      if (target.newest !== newest) return;
    }
    if (showsAll) target.shown = { newest, saved };
  }

  /** Removes the series of the streams of a removed target. */
  function* removeStreams(target: TargetSeries) {
    for (const [streamKey, series] of target.streams) {
      streams.remove(target.streams, streamKey, series);
      yield;
    }
    // Now another target can expose streams that the removed target exposed.
    for (const other of targets.values()) if (other.shown === undefined) queueUpdate(other);
  }

  const queueUpdate = (target: TargetSeries) => {
    if (target.isQueued) return;
    target.isQueued = true;
    queue.add(updateStreams(target));
  };

  /** Sets the series of a domain itself from its saved record. */
  const setDomain = ({ row, actions, domain: subject }: TargetSeries, { domain }: ControlRecord) => {
    setDomainRow(row, domain);
    domainActions.set(actions, subject, { newest: domain.actions, saved: domain.actions });
  };

  return {
    tables: renderTogether([...streams.tables, domainActionTable, domainTable]),
    /**
     * Adds the series of a target. `saved` is the target's record on disk, or a new one. `newest` is the record after
     * the newest answer, which can have more streams.
     */
    add(target: ControlTarget, saved: ControlRecord, newest = saved) {
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
        newest: newest.streams,
        saved: saved.streams,
        shown: undefined,
        isQueued: false,
      };
      targets.set(targetKey, series);
      setDomain(series, saved);
      queueUpdate(series);
    },
    /** Sets the gauges of the streams of a target after an answer. The record does not have to be saved first. */
    setView(targetKey: string, { streams }: ControlRecord) {
      const target = targets.get(targetKey);
      if (target === undefined) return;
      target.newest = streams;
      queueUpdate(target);
    },
    /** Sets the counters of a target and its streams. Call this method after the record was saved. */
    setRecord(targetKey: string, record: ControlRecord) {
      const target = targets.get(targetKey);
      if (target === undefined) return;
      setDomain(target, record);
      target.saved = record.streams;
      queueUpdate(target);
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
      domainActions.remove(target.actions);
      domainTable.freeRow(target.row);
      targets.delete(targetKey);
      // If an update is queued, it removes the series instead.
      target.newest = new Map();
      queue.add(removeStreams(target));
    },
    /** Resolves when the series of all streams show the current ledgers. */
    updated: queue.idle,
  };
}

/**
 * Returns the keys of the streams whose series can differ from the ledgers, removed streams included. Of tens
 * of thousands of streams, one answer changes few.
 */
function* keysToUpdate(
  streams: TargetSeries['streams'],
  { newest, saved, shown }: Pick<TargetSeries, 'newest' | 'saved' | 'shown'>,
): Iterable<string> {
  if (shown === undefined) {
    for (const streamKey of streams.keys()) if (!newest.has(streamKey)) yield streamKey;
    yield* newest.keys();
  } else {
    yield* keysThatCanDiffer(shown.newest, newest);
    yield* keysThatCanDiffer(shown.saved, saved);
  }
}
