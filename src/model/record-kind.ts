import type { PollProgress, SkippedRows } from './target-ledger.ts';
import type { EpochMs, Window } from './time.ts';

/**
 * Fields that the saved records of all questions have. A record contains the progress and the totals of one
 * target.
 */
export interface TargetRecord {
  /** Key of the record: the question, and the stream or domain of the target. */
  readonly targetKey: string;
  /**
   * Wall time at which the target left the config (epoch ms). undefined while the config names the target.
   */
  readonly frozenAt: EpochMs | undefined;
}

/** Next history request of a target. */
export interface HistoryStep {
  /**
   * Time range of the request. Empty (from >= to) if the wall clock is behind everything that can be counted.
   */
  readonly window: Window;
  /**
   * Time before the window that the provider no longer retains, or in which no config named the target.
   * undefined if the window follows the previous window without a gap.
   */
  readonly gap: Window | undefined;
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
   * Keys of the streams that exceed `limits.max_streams`. Rows of these streams count for the domain only.
   */
  readonly dropped: readonly string[];
}

/**
 * Pure functions of one question that create and update the records of its targets. Collectors and polling
 * are generic over the record kind, so a new question needs its own record kind but no change of collectors
 * or polling.
 */
export interface RecordKind<Target, Row, Record, Limits> {
  /** Narrows a cached record to the question. Returns undefined if the record belongs to another question. */
  read(record: unknown): Record | undefined;
  /**
   * Returns the record of a target that the config names from now on: a new record, or the resumed record
   * `known`.
   */
  startOrResume(known: Record | undefined, target: Target, now: EpochMs): Record;
  /**
   * Moves the start of a record that was never polled to `now`. Safe: nothing was counted, so nothing can
   * count twice.
   */
  restart(record: Record, target: Target, now: EpochMs): Record;
  /**
   * Reports whether the target of the record was never polled: no request has succeeded, and no gap was
   * counted.
   */
  wasNeverPolled(record: Record): boolean;
  /**
   * Adapts the record to a changed target before a run. Returns the same object if nothing changes. Absent if
   * no setting of a target affects its record.
   */
  readonly adapt?: (record: Record, target: Target) => Record;
  /**
   * Plans the next request of a target at `now` (wall clock). Calls `record` only if `progress` is not
   * sufficient, because unpacking a record costs time.
   */
  nextStep(
    progress: PollProgress,
    record: () => Record,
    target: Target,
    limits: Limits,
    now: EpochMs,
  ): HistoryStep;
  /** Counts the gap and the rows of the answer to `step`, which was requested at `now` (wall clock). */
  count(
    record: Record,
    step: HistoryStep,
    target: Target,
    limits: Limits,
    now: EpochMs,
    rows: readonly Row[],
  ): CountedRows<Row, Record>;
}
