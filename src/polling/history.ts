import { type Answer, ProviderError } from '../model/answer.ts';
import type { HistoryLimits } from '../model/questions.ts';
import type { CountedRows, RecordKind } from '../model/record-kind.ts';
import type { RequestOutcome } from '../model/request-outcome.ts';
import { resumeRecord, type SavedRecord } from '../model/saved-record.ts';
import type { TargetTiming } from '../model/target.ts';
import { expiredGap, type PollProgress } from '../model/target-ledger.ts';
import { type Clock, type EpochMs, secondMs, type Window } from '../model/time.ts';
import type { RunResult } from './poller.ts';
import type { RecordCache } from './record-cache.ts';
import type { PollTarget } from './target-queue.ts';
import { type ListRows, listWhole, type RowTimes } from './whole-answers.ts';
import type { WindowSpans } from './window-spans.ts';

/** Target in the form that the poller polls, together with its settings from the config. */
export interface HistoryTarget<Target> extends PollTarget {
  readonly target: Target;
}

/** Result of counting an answer, without the new record (polling progress and totals) of the target. */
export interface CountedAnswer<Row> extends Omit<CountedRows<Row, unknown>, 'record'> {
  /** Number of rows that could not be read. */
  readonly malformed: number;
  /**
   * Texts about conditions that no metric shows, but that an operator should know. The text of a condition is
   * always the same.
   */
  readonly warnings: readonly string[];
  /**
   * Time range that counts as a gap because the provider no longer retains it; undefined if there is none.
   */
  readonly gap: Window | undefined;
  /** End of the last successful request window, after the answer (epoch ms). */
  readonly watermark: EpochMs;
  /** Polling progress of the target before the answer. */
  readonly before: PollProgress;
}

/**
 * Functions of the poller that a run (one poll of one target) calls to get settings and to report its result.
 */
export interface RunContext<T, Row> {
  /** Returns the time in ms between two polls of a target at the current rate limit. */
  effectiveIntervalMs(): number;
  /** Returns the time in ms between two polls of a target at the configured rate limit. */
  configuredIntervalMs(): number;
  /** Reports that an answer was counted. `now` is the wall clock time of the request. */
  counted(target: T, answer: CountedAnswer<Row>, now: EpochMs): void;
  /**
   * Reports that the wall clock was set back behind the start of the next request window. No request is sent
   * for the target before the wall clock time `until`.
   */
  paused(target: T, until: EpochMs, now: EpochMs): void;
  /** Receives the outcome of each request, for the status page. By default, nobody does. */
  requested?(target: T, outcome: RequestOutcome, now: EpochMs): void;
}

/** Dependencies of `createHistoryRun`. */
export interface HistoryParts<Target extends TargetTiming, Row, Saved extends SavedRecord, Limits> {
  readonly records: RecordKind<Target, Row, Saved, Limits>;
  readonly cache: RecordCache;
  /**
   * Returns the limits of the current source. It is called for each request, because a reload can replace the
   * source.
   */
  readonly limits: () => Limits;
  readonly list: ListRows<Target, Row>;
  readonly times: RowTimes<Row>;
  readonly spans: WindowSpans;
  /** Returns the shortest useful span of the requests of a target, in ms. */
  readonly minSpanMs: (target: Target) => number;
  /** Returns the length in ms from which a window occurs only during a catch-up. */
  readonly normalSpanMs: (target: Target) => number;
  readonly clock: PollingClock;
}

/** Functions of the clock that polling needs. */
export type PollingClock = Pick<Clock, 'elapsed' | 'yieldNow'>;

/** Number of rows from which counting them can take several milliseconds. */
const manyRows = 1_000;

/** Settings of one history request. */
export interface RequestOptions {
  /**
   * Time to which a window that reaches to now is extended back (epoch ms): gauges need the older rows, but they are
   * not counted. By default, the window is not extended.
   */
  readonly viewFrom?: EpochMs;
  /** See `HistoryStep.confirmTo`. */
  readonly confirmTo?: EpochMs | undefined;
}

/** Request that was sent for a target, with its time range, and its failure, or its answer and the new record. */
export type HistoryRequest<Row, Saved> =
  | {
      readonly window: Window;
      readonly answer: Answer<Row>;
      readonly record: Saved;
      readonly failure?: undefined;
    }
  | { readonly window: Window; readonly failure: ProviderError };

/**
 * Function that polls a target once. Rejects with a ProviderError if a request fails. A failed request
 * changes no totals.
 */
export type HistoryRun<T, Row> = (
  target: T,
  now: EpochMs,
  signal: AbortSignal,
  context: RunContext<T, Row>,
) => Promise<RunResult>;

/** Runs of the targets of one collector, and what they remember. */
export interface HistoryPolling<T, Row> {
  readonly run: HistoryRun<T, Row>;
  /** Forgets what the runs of a target remember in memory. Does not change its record. */
  forget(key: string): void;
}

/**
 * Creates the function `poll`, which sends one history request for a target and counts the rows of the answer. It
 * resolves with the request and its result, or with undefined if there is nothing to request, or if a reload has
 * replaced the operation during the request. A failed request leaves the record unchanged. `forget` forgets what `poll`
 * remembers of a target, apart from `spans`.
 */
export function createHistoryRun<
  Target extends TargetTiming,
  Row,
  Saved extends SavedRecord,
  Limits extends Pick<HistoryLimits, 'spanMs' | 'operation'>,
>(parts: HistoryParts<Target, Row, Saved, Limits>) {
  const { records, cache, limits: currentLimits, list, times, spans, minSpanMs, clock } = parts;
  const whole = listWhole(list, times, {
    onTruncated: (key, target, { from, to }) => spans.shrink(key, to - from, minSpanMs(target)),
    maxSplitMs: parts.normalSpanMs,
    elapsed: clock.elapsed,
  });
  const recordOf = (key: string): Saved => {
    const record = records.read(cache.record(key));
    if (record === undefined) throw new Error(`the record cache has no record for ${key}`);
    return record;
  };
  /**
   * Adapts the record to changed settings of the target. This is done at the start of a run and not when the
   * config changes, because a run with the old settings could be in progress then, and would count into the
   * adapted record.
   */
  const adapt = (key: string, target: Target) => {
    if (records.adapt === undefined) return;
    const held = recordOf(key);
    const adapted = records.adapt(held, target);
    if (adapted !== held) cache.put(adapted);
  };

  const poll = async <T extends HistoryTarget<Target>>(
    pollTarget: T,
    now: EpochMs,
    signal: AbortSignal,
    context: RunContext<T, Row>,
    { viewFrom = now, confirmTo }: RequestOptions = {},
  ): Promise<HistoryRequest<Row, Saved> | undefined> => {
    const { key, target } = pollTarget;
    const configured = currentLimits();
    const spanMs = spans.spanMs(key, minSpanMs(target), configured.spanMs);
    // Copy the limits only for a reduced span: the copy would cost as much as planning the request.
    const limits = spanMs === configured.spanMs ? configured : { ...configured, spanMs };
    adapt(key, target);
    const before = progressOf(cache, key);
    const planned = records.nextStep(before, () => recordOf(key), target, limits, now);
    const { window } = planned;
    const isExtended = viewFrom < window.from && reachesNow(window, now);
    const extended = isExtended ? { ...planned, viewFrom } : planned;
    const step = confirmTo === undefined ? extended : { ...extended, confirmTo };
    if (window.from >= window.to) {
      const held = recordOf(key);
      // If no answer was counted since the target started or returned to the config, move its start to now.
      // This is safe: nothing was counted since then, so nothing can count twice.
      if (step.gap !== undefined) cache.put(resumeRecord(held, target, now));
      else if (records.wasNeverPolled(held)) cache.put(records.restart(held, target, now));
      else context.paused(pollTarget, window.from, now);
      return undefined;
    }
    const requested = isExtended ? { from: viewFrom, to: window.to } : window;
    const startedAt = clock.elapsed();
    const answer = await whole.request(key, target, requested, signal).catch(toProviderError);
    const tookMs = clock.elapsed() - startedAt;
    if (answer instanceof ProviderError) {
      const nothing = { rows: 0, counted: 0, skipped: 0 };
      context.requested?.(pollTarget, { window: requested, tookMs, ...nothing, failure: answer }, now);
      return { window: requested, failure: answer };
    }
    // It is unknown which operation has returned the rows, so the range is requested again.
    if (currentLimits().operation !== configured.operation) return undefined;
    const { items, malformed, warnings } = answer;
    spans.grow(key, configured.spanMs);
    // The response was read in the same iteration of the event loop.
    if (items.length >= manyRows) await clock.yieldNow();
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
    const { future, late, changed, duplicate } = counted.skipped;
    context.requested?.(
      pollTarget,
      {
        window: requested,
        tookMs,
        rows: items.length + malformed,
        counted: counted.added.length,
        skipped: malformed + future + late + changed + duplicate,
        failure: undefined,
      },
      now,
    );
    return { window: requested, answer, record };
  };
  return { poll, forget: whole.forget };
}

/** Returns a failure of the provider as a value. Rethrows any other error. */
function toProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  throw error;
}

/** Reports whether a window reaches to `now`, except for the rounding of window ends to whole seconds. */
export function reachesNow({ to }: Window, now: EpochMs): boolean {
  return to > now - secondMs;
}

/**
 * Returns the polling progress of a target. Reads it from the cache without unpacking the record. Throws if
 * the cache has no record of the target.
 */
export function progressOf(cache: RecordCache, key: string): PollProgress {
  const progress = cache.progress(key);
  if (progress === undefined) throw new Error(`the record cache has no record for ${key}`);
  return progress;
}
