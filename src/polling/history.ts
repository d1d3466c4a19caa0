import type { Answer } from '../model/answer.ts';
import type { CountedRows, RecordKind } from '../model/record-kind.ts';
import { resumeRecord, type SavedRecord } from '../model/saved-record.ts';
import type { TargetTiming } from '../model/target.ts';
import { expiredGap, type PollProgress } from '../model/target-ledger.ts';
import type { EpochMs, Window } from '../model/time.ts';
import type { RunResult } from './poller.ts';
import type { RecordCache } from './record-cache.ts';
import type { PollTarget } from './target-queue.ts';

/** Poll target with the target from the config. */
export interface HistoryTarget<Target> extends PollTarget {
  readonly target: Target;
}

/** What a counted answer contributed, apart from the new record (progress and totals) of the target. */
export interface CountedAnswer<Row> extends Omit<CountedRows<Row, unknown>, 'record'> {
  /** Number of rows that could not be read. */
  readonly malformed: number;
  /** Conditions that an operator should know but no metric shows, as fixed texts. */
  readonly warnings: readonly string[];
  /**
   * Time that the provider no longer retains and that counts as a gap. undefined if the answer follows the
   * previous answer without such a gap.
   */
  readonly gap: Window | undefined;
  /** End of the last successful request window, after the answer (epoch ms). */
  readonly watermark: EpochMs;
  /** How far the target had been polled before the answer. */
  readonly before: PollProgress;
}

/** What a run (one poll of one target) knows of its poller, and where the run reports its result. */
export interface RunContext<T, Row> {
  /** Returns the interval between two polls of a target at the current rate limit, in ms. */
  effectiveIntervalMs(): number;
  /** Returns the interval between two polls of a target at the configured rate limit, in ms. */
  configuredIntervalMs(): number;
  /** Reports that an answer was counted. `now` is the wall time of the request. */
  counted(target: T, answer: CountedAnswer<Row>, now: EpochMs): void;
  /**
   * Reports that the wall clock was set back behind everything that can be counted. The run sends no request
   * for the target before the wall time `until`.
   */
  paused(target: T, until: EpochMs, now: EpochMs): void;
}

/** Dependencies of `createHistoryRun`. */
export interface HistoryParts<Target extends TargetTiming, Row, Saved extends SavedRecord, Limits> {
  readonly records: RecordKind<Target, Row, Saved, Limits>;
  readonly cache: RecordCache;
  /**
   * Returns the limits of the current source. Called for each request, because a reload can replace the
   * source.
   */
  readonly limits: () => Limits;
  /** Requests the rows of `target` within `window`. */
  readonly list: (target: Target, window: Window, signal: AbortSignal) => Promise<Answer<Row>>;
}

/**
 * Polls a target once. Rejects with a ProviderError if a request fails. A failed request changes no ledger.
 */
export type HistoryRun<T, Row> = (
  target: T,
  now: EpochMs,
  signal: AbortSignal,
  context: RunContext<T, Row>,
) => Promise<RunResult>;

/**
 * Creates a function that sends one history request for a target and counts the rows of the answer. The
 * function returns the request window and the rows, or undefined if there is nothing to request. If the
 * request fails, the function rejects and leaves the record unchanged.
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
   * Adapts the record to a changed target at the start of a run, not when the config changes: at that moment,
   * a run of the old target can be in progress and count into the record.
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
      // If the target has no answer since it started or resumed, move the start of the target to now. Nothing
      // was counted since the start, so nothing can count twice.
      if (step.gap !== undefined) cache.put(resumeRecord(held, target, now));
      else if (records.wasNeverPolled(held)) cache.put(records.restart(held, target, now));
      else context.paused(pollTarget, window.from, now);
      return undefined;
    }
    const { items, malformed, warnings } = await list(target, window, signal);
    // Read the record again, because the zero hold can have released counters of the record during the
    // request.
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

/**
 * Returns how far the target has been polled. Reads the progress from the cache without unpacking the record.
 * Throws if the cache has no record of the target.
 */
export function progressOf(cache: RecordCache, key: string): PollProgress {
  const progress = cache.progress(key);
  if (progress === undefined) throw new Error(`the record cache has no record for ${key}`);
  return progress;
}
