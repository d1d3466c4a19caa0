import type { PollProgress, SkippedRows } from './target-ledger.ts';
import type { EpochMs, Window } from './time.ts';

/** What all saved records have, besides the ledgers of their question. */
export interface TargetRecord {
  readonly targetKey: string;
  /** When the target left the config; undefined while the config names it. */
  readonly frozenAt: EpochMs | undefined;
}

/** The next history request of a target. */
export interface HistoryStep {
  /** Empty (from >= to) if the wall clock is behind everything that can be counted. */
  readonly window: Window;
  /** Time before the window that can no longer be requested, or in which no config named the target. */
  readonly gap: Window | undefined;
  /** Whether the window covers everything in which duplicates are recognizable. */
  readonly isRescan?: boolean;
}

/** Result of counting one answer. */
export interface CountedRows<Row, Record> {
  readonly record: Record;
  /** Rows that were not counted before. */
  readonly added: readonly Row[];
  readonly skipped: SkippedRows;
  /** Keys of streams beyond `limits.max_streams`; their rows count for the domain only. */
  readonly dropped: readonly string[];
}

/**
 * What one question does with the records of its targets, all of it pure. Collectors and polling are generic
 * over it, so that a new question brings its own kind and changes neither.
 */
export interface RecordKind<Target, Row, Record, Limits> {
  /** Narrows a record of the cache to this question; undefined if it belongs to another one. */
  read(record: unknown): Record | undefined;
  /** The record of a target that the config names from now on: a new one, or `known`, which resumes. */
  startOrResume(known: Record | undefined, target: Target, now: EpochMs): Record;
  /**
   * Moves the start of a record that was never polled. Safe: nothing was counted, so nothing can count twice.
   */
  restart(record: Record, target: Target, now: EpochMs): Record;
  /** Whether no request has succeeded yet and no gap was counted. */
  wasNeverPolled(record: Record): boolean;
  /**
   * Adapts the record to a changed target before a run; returns the same object if nothing changes. Absent if
   * nothing of a target can change.
   */
  readonly adapt?: (record: Record, target: Target) => Record;
  /**
   * Plans the next request. Reads the record only if the progress alone is not enough, because unpacking
   * costs time.
   */
  nextStep(
    progress: PollProgress,
    record: () => Record,
    target: Target,
    limits: Limits,
    now: EpochMs,
  ): HistoryStep;
  /** Counts the gap and the rows of an answer to `step`, requested at `now`. */
  count(
    record: Record,
    step: HistoryStep,
    target: Target,
    limits: Limits,
    now: EpochMs,
    rows: readonly Row[],
  ): CountedRows<Row, Record>;
}
