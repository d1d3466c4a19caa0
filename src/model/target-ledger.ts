import { type RowKind, rowAt } from './duplicates.ts';
import { mergeNewRows } from './match-rows.ts';
import type { Rows } from './row-list.ts';
import { type EpochMs, secondMs, type Window } from './time.ts';

/** How far a target has been polled. The progress determines the window (time range) of the next request. */
export interface PollProgress {
  /**
   * End of the window of the last successful request (epoch ms). It is never derived from the time of a row.
   */
  readonly watermark: EpochMs;
  /**
   * Oldest time for which duplicates can be recognized (epoch ms). Rows that are older are skipped as `late`.
   */
  readonly floor: EpochMs;
  /**
   * Start of polling after the target has returned to the config (epoch ms). The time from the watermark to
   * `backFrom` becomes a gap. The field is undefined once the watermark has passed this time. It has the same
   * name in the state file.
   */
  readonly backFrom?: EpochMs | undefined;
}

/**
 * Polling progress and counted rows of one target. The ledger makes polling lossless and idempotent: request
 * windows overlap by the lookback, and rows that were already counted are dropped as duplicates.
 */
export interface TargetLedger<T, Seen extends Rows<T> = readonly T[]> extends PollProgress {
  /**
   * Counted rows since `floor`, sorted by `RowKind.compare`. A row that was counted n times appears n times.
   */
  readonly seen: Seen;
}

/**
 * Numbers of readable rows that were not counted, by reason. A counted row that a later, overlapping window
 * returns again is normal and not included.
 */
export interface SkippedRows {
  /** Rows that are more than a minute ahead of the exporter's clock. */
  readonly future: number;
  /** Rows that are older than the floor. */
  readonly late: number;
  /**
   * Rows that describe a known event but have other values, apart from unknown values. Such a row replaces the stored
   * row and changes no total.
   */
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
 * before `now`. The time without polls before this start becomes a gap, which is counted only together with
 * the next answer, because only an answer shows that the clock is right.
 */
export function resumeLedger<Ledger extends PollProgress>(
  ledger: Ledger,
  now: EpochMs,
  lookbackMs: number,
): Ledger {
  return { ...ledger, backFrom: wholeSecond(now - lookbackMs) };
}

/**
 * Reports whether no answer was counted yet. Counting the first answer moves the watermark away from the
 * floor.
 */
export function wasNeverPolled<T>({ watermark, floor, seen }: TargetLedger<T, Rows<T>>): boolean {
  return watermark === floor && seen.length === 0;
}

/**
 * Plans the window of the next request. Old windows come first: the window starts one lookback before the
 * watermark and is at most `spanMs` long. `gap` is the time before the window for which no data will be
 * counted, because the provider no longer retains it or because the target was not in the config; undefined
 * if there is no such time. The window is empty (from >= to) if the wall clock was set back behind the start
 * of the window.
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
 * Margin in ms between the oldest time that the provider retains and the start of a window, so that the start
 * is still retained when the request arrives.
 */
export const retentionMarginMs = 60 * secondMs;

/**
 * Rounds a time down to a whole second, which is the time resolution of all providers. Without rounding, a
 * provider could round the start of a window down to a time before the floor.
 */
export function wholeSecond(at: EpochMs): EpochMs {
  return Math.floor(at / secondMs) * secondMs;
}

/**
 * Returns the gap if it exists because the provider no longer retains the data; undefined if it exists only
 * because the target was not in the config.
 */
export function expiredGap(gap: Window | undefined, { backFrom }: PollProgress): Window | undefined {
  return gap?.to === backFrom ? undefined : gap;
}

/**
 * Restarts the ledger at the end of a planned gap. All counted rows become settled (final), because nothing
 * before the end of the gap will be requested again. The returned `gap` is the part of the planned gap that
 * is later than the watermark. Returns undefined if there is no such part: the target can have been removed,
 * added again and polled by another run during the request.
 */
export function skipGap<T, Seen extends Rows<T>>(
  ledger: TargetLedger<T, Seen>,
  { from, to }: Window,
): { readonly ledger: TargetLedger<T>; readonly settled: Seen; readonly gap: Window } | undefined {
  const { watermark, seen } = ledger;
  if (watermark >= to) return undefined;
  return {
    ledger: { watermark: to, floor: to, backFrom: backFromAt(ledger, to), seen: [] },
    settled: seen,
    gap: { from: Math.max(watermark, from), to },
  };
}

/** Returns the field `backFrom` of the progress; undefined if `watermark` has passed it. */
function backFromAt({ backFrom }: PollProgress, watermark: EpochMs): EpochMs | undefined {
  return backFrom !== undefined && watermark < backFrom ? backFrom : undefined;
}

/** Request and settings for `newRows`. */
export interface Answered<T> {
  readonly window: Window;
  /** Wall time of the request (epoch ms). */
  readonly now: EpochMs;
  readonly lookbackMs: number;
  /**
   * Returns the new floor, which can be older than `floor`, the floor that the lookback allows. `seen` are all
   * known rows. Absent: the floor is always as the lookback allows.
   */
  readonly holdFloor?: (seen: readonly T[], floor: EpochMs) => EpochMs;
}

/**
 * Finds the new rows of the answer to `window`. No other function drops duplicates. The watermark moves to
 * the end of the window, also if the answer is empty, and never moves back.
 *
 * `added` are the rows that were not counted before. `completions` are counted rows with values that were
 * unknown before. `settled` are the rows that this answer made older than the floor, sorted. Settled rows are
 * final: no row can be inserted between them.
 */
export function newRows<T>(
  kind: RowKind<T>,
  ledger: TargetLedger<T>,
  { window, now, lookbackMs, holdFloor }: Answered<T>,
  rows: readonly T[],
) {
  const watermark = Math.max(ledger.watermark, window.to);
  let future = 0;
  let late = 0;
  for (const row of rows) {
    const at = kind.at(row);
    if (at > now + futureToleranceMs) future++;
    else if (at < ledger.floor) late++;
  }
  const isCounted = (row: T) => kind.at(row) <= now + futureToleranceMs && kind.at(row) >= ledger.floor;
  const received = future + late === 0 ? rows : rows.filter(isCounted);
  const { merged, added, completions, changed, duplicate } = mergeNewRows(kind, ledger.seen, received);
  const allowed = wholeSecond(watermark - lookbackMs);
  const held = holdFloor === undefined ? allowed : wholeSecond(holdFloor(merged, allowed));
  const floor = Math.max(ledger.floor, held);

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
    completions,
    settled: merged.slice(0, settledCount),
    skipped: { future, late, changed, duplicate },
  };
}
