import { ProviderError } from '../model/answer.ts';
import { type EmptyRanges, nextRecheck } from '../model/empty-ranges.ts';
import { countRecheck } from '../model/push-record.ts';
import type { PushSample } from '../model/push-sample.ts';
import type { HistoryLimits } from '../model/questions.ts';
import { pushRecords } from '../model/saved-record.ts';
import type { PushTarget } from '../model/target.ts';
import { wholeSecond } from '../model/target-ledger.ts';
import { type EpochMs, minuteMs, secondMs } from '../model/time.ts';
import type { HistoryTarget } from './history.ts';
import type { RecordCache } from './record-cache.ts';
import { type ListRows, listWhole, type RowTimes } from './whole-answers.ts';
import { createWindowSpans, isWindowFailure } from './window-spans.ts';

/**
 * Number of regular requests per recheck request. Keeps the rechecks under 5 % of all requests, also if the budget
 * is too small for all targets.
 */
const requestsPerRecheck = 25;

/** Maximum number of rechecks that a period without due rechecks saves up. */
const maxSaved = 4;

/** Shortest span of a recheck in ms. Longer windows have a reduced span if they fail. */
const minSpanMs = 5 * minuteMs;

/** Dependencies of `createRecheck`. */
export interface RecheckParts {
  readonly cache: RecordCache;
  /** Returns the limits of the current source. */
  readonly limits: () => HistoryLimits;
  readonly times: RowTimes<PushSample>;
  readonly list: ListRows<PushTarget, PushSample>;
  /** Returns the monotonic time in ms. */
  readonly elapsed: () => number;
}

/**
 * Creates the function that requests empty ranges of a target again if a recheck is due and the share of rechecks
 * allows it. Call `run` after each regular request, with the ranges of the new record. A failed recheck is repeated
 * later, with a shorter window if its window was the probable cause, and is no failure of the target.
 */
export function createRecheck({ cache, limits: currentLimits, times, list, elapsed }: RecheckParts) {
  /**
   * Number of recheck requests that are allowed now. Negative if a truncated answer was requested again in
   * parts.
   */
  let allowed = 0;
  // Rechecks request older and longer windows than regular requests, so they have spans of their own.
  const spans = createWindowSpans(elapsed);
  const counted: typeof list = (...request) => {
    allowed--;
    return list(...request);
  };
  // Remembers nothing of a target, because it splits no window.
  const { request: listAll } = listWhole(counted, times, {
    onTruncated: (key, _target, { from, to }) => spans.shrink(key, to - from, minSpanMs),
    // The next recheck is shorter instead.
    maxSplitMs: () => 0,
  });

  async function run(
    { key, target }: HistoryTarget<PushTarget>,
    empty: EmptyRanges | undefined,
    now: EpochMs,
    signal: AbortSignal,
  ): Promise<void> {
    allowed = Math.min(maxSaved, allowed + 1 / requestsPerRecheck);
    // Fast path: nearly all streams that are live have no empty range.
    if (allowed < 1 || empty === undefined) return;
    const limits = currentLimits();
    const spanMs = spans.spanMs(key, minSpanMs, limits.spanMs);
    const recheck = nextRecheck(empty, now, { ...limits, spanMs });
    if (recheck === undefined) return;
    // Longer on each side, because a provider can exclude the ends of a window. After a change of the
    // operation, a row can be up to half a period later than the empty time that it describes.
    const { from, to } = recheck.window;
    const laterMs = Math.max(secondMs, wholeSecond(limits.periodMs / 2 + secondMs));
    const window = { from: from - secondMs, to: to + laterMs };
    try {
      const { items } = await listAll(key, target, window, signal);
      // A reload has replaced the source meanwhile: it is unknown which operation has returned the rows.
      if (currentLimits().operation !== limits.operation) return;
      spans.grow(key, limits.spanMs);
      // Read the record now, because the zero hold can have released its counters during the request.
      const record = pushRecords.read(cache.record(key));
      if (record !== undefined) cache.put(countRecheck(record, recheck, target, limits, now, items));
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      // The regular request before it was answered, so the length of the window was probably the cause.
      if (isWindowFailure(error)) spans.shrink(key, to - from, minSpanMs);
    }
  }

  return { run, forget: spans.remove };
}
