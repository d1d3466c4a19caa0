import type { PollProgress, SkippedRows } from './target-ledger.ts';
import type { EpochMs, Window } from './time.ts';

/**
 * Fields that all saved records have. A record contains the polling progress and the totals of one target.
 */
export interface TargetRecord {
  /** Key of the record: the kind of data, and the stream or domain of the target. */
  readonly targetKey: string;
  /**
   * Time at which the target was removed from the config (wall clock, epoch ms); undefined while the target
   * is in the config.
   */
  readonly frozenAt: EpochMs | undefined;
}

/** Next history request for a target. */
export interface HistoryStep {
  /**
   * Time range of the request. It is empty (from >= to) if the wall clock is behind the start of the range.
   */
  readonly window: Window;
  /**
   * Time before the window for which no data will be counted, because the provider no longer retains it or
   * because the target was not in the config; undefined if there is no such time.
   */
  readonly gap: Window | undefined;
  /**
   * Start of the requested window if it is earlier than `window.from`, because gauges need older rows. Rows before
   * `window.from` are not counted. Absent if the request starts at `window.from`.
   */
  readonly viewFrom?: EpochMs;
  /**
   * Time before which the answer can confirm empty time, apart from the age of the empty time (epoch ms). Absent if
   * only the age counts.
   */
  readonly confirmTo?: EpochMs;
  /** Whether the request is a rescan, whose window covers all time in which duplicates are recognizable. */
  readonly isRescan?: boolean;
}

/** Result of counting the rows of one answer. */
export interface CountedRows<Row, Record> {
  readonly record: Record;
  /** Rows of the answer that were not counted before. */
  readonly added: readonly Row[];
  readonly skipped: SkippedRows;
  /**
   * Keys of the streams that the record contains only since this answer, and that count towards
   * `limits.max_streams`. Empty for push history, because the config lists its streams.
   */
  readonly newStreams: readonly string[];
}

/**
 * Pure functions that create and update the records of one kind of data. Collectors and polling work with any
 * record kind, so a new kind of data requires a new record kind but no change to collectors or polling.
 */
export interface RecordKind<Target, Row, Record, Limits> {
  /**
   * Returns the cached record with its exact type; undefined if the record belongs to another kind of data.
   */
  read(record: unknown): Record | undefined;
  /**
   * Returns the record of a target that is added to the config. If `known` is undefined, this is a new
   * record; otherwise it is `known`, resumed.
   */
  startOrResume(known: Record | undefined, target: Target, now: EpochMs): Record;
  /**
   * Moves the start of a record that was never polled to `now`. This is safe: nothing was counted, so nothing
   * can count twice.
   */
  restart(record: Record, target: Target, now: EpochMs): Record;
  /**
   * Reports whether the target of the record was never polled: no request has succeeded, and no gap was
   * counted.
   */
  wasNeverPolled(record: Record): boolean;
  /**
   * Adapts the record to a changed target before a run. Returns the same object if nothing changes. The
   * function is absent if no setting of a target affects its record.
   */
  readonly adapt?: (record: Record, target: Target) => Record;
  /**
   * Plans the next request of a target at `now` (wall clock). Calls `record` only if `progress` does not
   * suffice, because unpacking a record takes time.
   */
  nextStep(
    progress: PollProgress,
    record: () => Record,
    target: Target,
    limits: Limits,
    now: EpochMs,
  ): HistoryStep;
  /**
   * Counts the gap and the rows of the answer to the request `step`, which was sent at `now` (wall clock).
   */
  count(
    record: Record,
    step: HistoryStep,
    target: Target,
    limits: Limits,
    now: EpochMs,
    rows: readonly Row[],
  ): CountedRows<Row, Record>;
}
