import type { Answer } from '../model/answer.ts';
import type { CountedRows, RecordKind } from '../model/record-kind.ts';
import { resumeRecord, type SavedRecord } from '../model/saved-record.ts';
import type { TargetTiming } from '../model/target.ts';
import { expiredGap, type PollProgress } from '../model/target-ledger.ts';
import type { EpochMs, Window } from '../model/time.ts';
import type { RunResult } from './poller.ts';
import type { RecordCache } from './record-cache.ts';
import type { PollTarget } from './target-queue.ts';

/** A poll target with the target of the config. */
export interface HistoryTarget<Target> extends PollTarget {
  readonly target: Target;
}

/** What a counted answer contributed, besides the new record. */
export interface CountedAnswer<Row> extends Omit<CountedRows<Row, unknown>, 'record'> {
  /** Rows that could not be read. */
  readonly malformed: number;
  readonly warnings: readonly string[];
  /** Time that the provider no longer retains; it is counted as a gap. */
  readonly gap: Window | undefined;
  readonly watermark: EpochMs;
  /** How far the target had been polled before. */
  readonly before: PollProgress;
}

/** What a run knows of its poller, and where it reports. */
export interface RunContext<T, Row> {
  /** Interval between two polls of a target at the current rate, and at the configured one. */
  effectiveIntervalMs(): number;
  configuredIntervalMs(): number;
  counted(target: T, answer: CountedAnswer<Row>, now: EpochMs): void;
  /**
   * The wall clock was set back behind everything that can be counted: nothing is requested before `until`.
   */
  paused(target: T, until: EpochMs, now: EpochMs): void;
}

export interface HistoryParts<Target extends TargetTiming, Row, Saved extends SavedRecord, Limits> {
  readonly records: RecordKind<Target, Row, Saved, Limits>;
  readonly cache: RecordCache;
  /** Read for each request, because a reload can replace the source. */
  readonly limits: () => Limits;
  readonly list: (target: Target, window: Window, signal: AbortSignal) => Promise<Answer<Row>>;
}

/** Polls a target once. Rejects with a ProviderError; a failed request changes no ledger. */
export type HistoryRun<T, Row> = (
  target: T,
  now: EpochMs,
  signal: AbortSignal,
  context: RunContext<T, Row>,
) => Promise<RunResult>;

/**
 * Sends one history request for a target and counts its rows. Returns its window and rows, or undefined if there is nothing to
 * request. A failed request rejects and leaves the record unchanged.
 */
export function createHistoryRun<Target extends TargetTiming, Row, Saved extends SavedRecord, Limits>({
  records,
  cache,
  limits: currentLimits,
  list,
}: HistoryParts<Target, Row, Saved, Limits>) {
  const recordOf = (key: string): Saved => {
    const record = records.read(cache.record(key));
    if (record === undefined) throw new Error(`the record cache has no record for ${key}`);
    return record;
  };
  /**
   * Adapts here and not when the config changes, because a run of the old target can be in progress then, and
   * counts.
   */
  const adapt = (key: string, target: Target) => {
    if (records.adapt === undefined) return;
    const held = recordOf(key);
    const adapted = records.adapt(held, target);
    if (adapted !== held) cache.put(adapted);
  };

  return async <T extends HistoryTarget<Target>>(
    pollTarget: T,
    now: EpochMs,
    signal: AbortSignal,
    context: RunContext<T, Row>,
  ) => {
    const { key, target } = pollTarget;
    const limits = currentLimits();
    adapt(key, target);
    const before = progressOf(cache, key);
    const step = records.nextStep(before, () => recordOf(key), target, limits, now);
    const { window } = step;
    if (window.from >= window.to) {
      const held = recordOf(key);
      // If the target has no answer since it started or resumed, move its start to now. Nothing was counted
      // since, so nothing can count twice.
      if (step.gap !== undefined) cache.put(resumeRecord(held, target, now));
      else if (records.wasNeverPolled(held)) cache.put(records.restart(held, target, now));
      else context.paused(pollTarget, window.from, now);
      return undefined;
    }
    const { items, malformed, warnings } = await list(target, window, signal);
    // Read the record again: the zero hold may have released counters in it during the request.
    const { record, ...counted } = records.count(recordOf(key), step, target, limits, now, items);
    cache.put(record);
    const gap = expiredGap(step.gap, before);
    context.counted(
      pollTarget,
      { ...counted, malformed, warnings, gap, watermark: record.target.watermark, before },
      now,
    );
    return { window, items };
  };
}

/** How far the target has been polled, read from its record in the cache without unpacking it. */
export function progressOf(cache: RecordCache, key: string): PollProgress {
  const progress = cache.progress(key);
  if (progress === undefined) throw new Error(`the record cache has no record for ${key}`);
  return progress;
}
