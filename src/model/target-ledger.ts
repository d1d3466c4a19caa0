import { mergeNewRows, type RowKind, rowAt } from './duplicates.ts';
import { type EpochMs, secondMs, type Window } from './time.ts';

/** How far a target has been polled. The progress determines the window (time range) of the next request. */
export interface PollProgress {
  /** End of the window of the last successful request (epoch ms). Never the time of a row. */
  readonly watermark: EpochMs;
  /**
   * Oldest time at which duplicates are recognizable (epoch ms). Rows that are older than the floor are
   * skipped as `late`.
   */
  readonly floor: EpochMs;
  /**
   * Time from which the target is polled after it returned to the config (epoch ms). The time from the
   * watermark to `backFrom` is a gap. undefined once the watermark has passed `backFrom`. The state file
   * stores the field name `backFrom`.
   */
  readonly backFrom?: EpochMs | undefined;
}

/**
 * Progress and known rows of one target. The ledger makes polling lossless and idempotent: request windows
 * overlap by the lookback, and known rows are de-duplicated.
 */
export interface TargetLedger<T> extends PollProgress {
  /**
   * Counted rows from `floor` on, sorted by `RowKind.compare`. Equal rows occur as often as they were
   * counted.
   */
  readonly seen: readonly T[];
}

/**
 * Numbers of readable rows that were not counted, by reason. Known rows that overlapping windows return again
 * are not included.
 */
export interface SkippedRows {
  /** Rows that are more than a minute ahead of the exporter's clock. */
  readonly future: number;
  /** Rows that are older than the floor. */
  readonly late: number;
  /** Rows with a known key but different values. Such a row replaces the stored row and changes no total. */
  readonly changed: number;
  /** Repetitions of rows within one answer. */
  readonly duplicate: number;
}

/** Maximum time in ms that a row can be ahead of the exporter's clock. */
export const futureToleranceMs = 60 * secondMs;

/**
 * Creates the ledger of a new target. The ledger starts one lookback before `now`, because old history must
 * not count as new.
 */
export function newTargetLedger<T>(now: EpochMs, lookbackMs: number): TargetLedger<T> {
  const from = wholeSecond(now - lookbackMs);
  return { watermark: from, floor: from, seen: [] };
}

/**
 * Resumes the ledger of a target that returns to the config at `now`. The next request starts one lookback
 * before `now`. The time without polls before that start becomes a gap. The gap is counted only when the next
 * answer arrives, because only an answer confirms the clock.
 */
export function resumeLedger<T>(ledger: TargetLedger<T>, now: EpochMs, lookbackMs: number): TargetLedger<T> {
  return { ...ledger, backFrom: wholeSecond(now - lookbackMs) };
}

/**
 * Reports whether no answer was counted yet. The first counted answer moves the watermark away from the
 * floor.
 */
export function wasNeverPolled<T>({ watermark, floor, seen }: TargetLedger<T>): boolean {
  return watermark === floor && seen.length === 0;
}

/**
 * Plans the window of the next request, oldest time first: the window starts one lookback before the
 * watermark and is at most as long as the span of one request. `gap` is the time before the window that the
 * provider no longer retains, or in which no config named the target; undefined if there is no such time. The
 * window is empty (from >= to) if the wall clock was set back behind the floor, or, with a gap, behind the
 * end of the gap.
 */
export function nextWindow(
  progress: PollProgress,
  now: EpochMs,
  { lookbackMs, spanMs, retentionMs }: { lookbackMs: number; spanMs: number; retentionMs: number },
): { readonly window: Window; readonly gap: Window | undefined } {
  const oldest = wholeSecond(now - retentionMs) + retentionMarginMs;
  const first = Math.max(oldest, progress.backFrom ?? oldest);
  if (progress.watermark < first) {
    return {
      window: { from: first, to: Math.min(first + spanMs, wholeSecond(now)) },
      gap: { from: progress.watermark, to: first },
    };
  }
  const from = Math.max(progress.floor, wholeSecond(progress.watermark - lookbackMs), oldest);
  return { window: { from, to: Math.min(from + spanMs, wholeSecond(now)) }, gap: undefined };
}

/**
 * Margin in ms between the start of a window and the oldest time that the provider retains, so that the
 * provider still retains the start of the window when the request arrives.
 */
const retentionMarginMs = 60 * secondMs;

/**
 * Rounds a time down to a whole second, the resolution of all providers, so that no window starts before the
 * floor.
 */
function wholeSecond(at: EpochMs): EpochMs {
  return Math.floor(at / secondMs) * secondMs;
}

/**
 * Returns the gap if the provider no longer retains its time. Returns undefined if the gap exists only
 * because no config named the target.
 */
export function expiredGap(gap: Window | undefined, { backFrom }: PollProgress): Window | undefined {
  return gap?.to === backFrom ? undefined : gap;
}

/**
 * Restarts the ledger at the end of a planned gap. All known rows become settled (final), because nothing
 * before the end of the gap can be requested. The returned `gap` is the part of the planned gap that is later
 * than the watermark. Returns undefined if no part is later: the watermark can move during the request, if
 * the target is removed, added again and polled by another run.
 */
export function skipGap<T>(
  ledger: TargetLedger<T>,
  { from, to }: Window,
): { readonly ledger: TargetLedger<T>; readonly settled: readonly T[]; readonly gap: Window } | undefined {
  const { watermark, seen } = ledger;
  if (watermark >= to) return undefined;
  return {
    ledger: { watermark: to, floor: to, backFrom: backFromAt(ledger, to), seen: [] },
    settled: seen,
    gap: { from: Math.max(watermark, from), to },
  };
}

/** Returns `backFrom` of the progress, or undefined if `watermark` has passed `backFrom`. */
function backFromAt({ backFrom }: PollProgress, watermark: EpochMs): EpochMs | undefined {
  return backFrom !== undefined && watermark < backFrom ? backFrom : undefined;
}

/**
 * Finds the new rows of the answer to `window`, which was requested at `now` (wall clock). No other function
 * drops duplicates. The watermark moves to the end of the window, also if the answer is empty, and never
 * moves back.
 *
 * `added` are the rows that were not counted before. `settled` are the rows that this answer made older than
 * the floor, sorted. Settled rows are final: no row can be inserted between them.
 */
export function newRows<T>(
  kind: RowKind<T>,
  ledger: TargetLedger<T>,
  { window, now, lookbackMs }: { window: Window; now: EpochMs; lookbackMs: number },
  rows: readonly T[],
) {
  const watermark = Math.max(ledger.watermark, window.to);
  const floor = Math.max(ledger.floor, wholeSecond(watermark - lookbackMs));
  const received: T[] = [];
  let future = 0;
  let late = 0;
  for (const row of rows) {
    const at = kind.at(row);
    if (at > now + futureToleranceMs) future++;
    else if (at < ledger.floor) late++;
    else received.push(row);
  }
  const { merged, added, changed, duplicate } = mergeNewRows(kind, ledger.seen, received);

  let settledCount = 0;
  while (settledCount < merged.length && kind.at(rowAt(merged, settledCount)) < floor) settledCount++;
  return {
    ledger: {
      watermark,
      floor,
      backFrom: backFromAt(ledger, watermark),
      seen: settledCount === 0 ? merged : merged.slice(settledCount),
    },
    added,
    settled: merged.slice(0, settledCount),
    skipped: { future, late, changed, duplicate },
  };
}
