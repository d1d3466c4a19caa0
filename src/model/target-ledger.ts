import { type EpochMs, secondMs, type Window } from './time.ts';

/** How far one target was asked: what its next question is made of. */
export interface PollProgress {
  /** Asked with success up to here: the end of a window, never the time of a row. */
  readonly watermark: EpochMs;
  /** Rows from before this moment can't be told from counted ones any more. */
  readonly floor: EpochMs;
  /**
   * Of a target that came back after no config named it for a while: what lies before this moment, from the watermark on,
   * is gap. undefined once the watermark has passed it.
   */
  readonly backFrom?: EpochMs | undefined;
}

/**
 * Of one target: how far it was asked, and the rows seen within the lookback. It is what makes the exporter lossless:
 * each window begins before the end of the last one, and what was seen before is dropped.
 */
export interface TargetLedger<T> extends PollProgress {
  /** The counted rows from `floor` on, in the order of their kind: equal ones as often as they were counted. */
  readonly seen: readonly T[];
}

/** How the rows of one question are told apart. A row has no id at any provider. */
export interface RowKind<T> {
  at(row: T): EpochMs;
  /**
   * By time, and then by whatever else tells two events apart: 0 for two rows that are the same event, as far as can be
   * told.
   */
  compare(a: T, b: T): number;
  /** Whether two rows of the same event say the same of it. */
  agree(a: T, b: T): boolean;
  /** true: n equal rows in one answer are n events (control actions). false: they are one told n times (samples). */
  readonly isMultiset: boolean;
}

/** By code units, the same on every machine. What is not told is the same as an empty text. */
export function compareTexts(a = '', b = ''): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Why a row that could be read was not counted. */
export interface SkippedRows {
  /** More than a minute ahead of now. */
  readonly future: number;
  /** From before all that can still be told apart. */
  readonly late: number;
  /** A counted row, told again with other values. */
  readonly changed: number;
  /** A row told twice in one answer. */
  readonly duplicate: number;
}

export interface NewRows<T> {
  readonly ledger: TargetLedger<T>;
  /** Rows never counted before. */
  readonly added: readonly T[];
  /** Rows that left the lookback with this answer, in their order: nothing can come between them any more. */
  readonly settled: readonly T[];
  readonly skipped: SkippedRows;
}

/** A provider's clock may be this far ahead of ours. */
export const futureToleranceMs = 60 * secondMs;

/** The ledger of a target that was never asked: it begins one lookback ago, so that old history never looks like today's. */
export function newTargetLedger<T>(now: EpochMs, lookbackMs: number): TargetLedger<T> {
  const from = wholeSecond(now - lookbackMs);
  return { watermark: from, floor: from, seen: [] };
}

/**
 * The ledger of a target that comes back at `now` after no config named it for a while: but for one lookback, the time
 * between is gap. It is given up with the next answer, since the clock may be wrong until one comes.
 */
export function resumeLedger<T>(ledger: TargetLedger<T>, now: EpochMs, lookbackMs: number): TargetLedger<T> {
  return { ...ledger, backFrom: wholeSecond(now - lookbackMs) };
}

/** Whether no answer was counted by it yet: the first one moves the watermark away from the floor. */
export function wasNeverPolled<T>({ watermark, floor, seen }: TargetLedger<T>): boolean {
  return watermark === floor && seen.length === 0;
}

/**
 * What to ask next: from one lookback before the watermark, oldest first, cut to what one call may span. With
 * `ledger`, as it has to be when the answer comes, and the time that the provider can't be asked about any more, or in
 * which nobody watched. The window is empty (from >= to) when the clock was set back behind all that can be counted; with
 * gap time, behind the moment that the target came back.
 */
export function nextWindow(
  ledger: PollProgress,
  now: EpochMs,
  { lookbackMs, spanMs, retentionMs }: { lookbackMs: number; spanMs: number; retentionMs: number },
): { readonly window: Window; readonly gap: Window | undefined } {
  const oldest = wholeSecond(now - retentionMs) + retentionMarginMs;
  const first = Math.max(oldest, ledger.backFrom ?? oldest);
  if (ledger.watermark < first) {
    return {
      window: { from: first, to: Math.min(first + spanMs, wholeSecond(now)) },
      gap: { from: ledger.watermark, to: first },
    };
  }
  const from = Math.max(ledger.floor, wholeSecond(ledger.watermark - lookbackMs), oldest);
  return { window: { from, to: Math.min(from + spanMs, wholeSecond(now)) }, gap: undefined };
}

/** The oldest second that can be asked must still be there when the call arrives. */
const retentionMarginMs = 60 * secondMs;

/** Windows lie on whole seconds, since that is what the providers take: so a window never reaches back behind the floor. */
function wholeSecond(at: EpochMs): EpochMs {
  return Math.floor(at / secondMs) * secondMs;
}

/**
 * What of the gap time the ledger has not gone past: the target may have gone and come back, and had an answer, while
 * another was waited for. undefined: nothing.
 */
export function remainingGap({ watermark }: PollProgress, gap: Window): Window | undefined {
  return watermark < gap.to ? { from: Math.max(watermark, gap.from), to: gap.to } : undefined;
}

/** The gap time, where the provider can't be asked about it any more, and not only nobody watched. */
export function expiredGap(gap: Window | undefined, { backFrom }: PollProgress): Window | undefined {
  return gap?.to === backFrom ? undefined : gap;
}

/** The ledger after a stretch of time that was gap: it begins anew where the provider can be asked again. */
export function skipGap<T>(
  ledger: TargetLedger<T>,
  gap: Window,
): { readonly ledger: TargetLedger<T>; readonly settled: readonly T[] } {
  const backFrom = backFromAt(ledger, gap.to);
  return { ledger: { watermark: gap.to, floor: gap.to, backFrom, seen: [] }, settled: ledger.seen };
}

function backFromAt({ backFrom }: PollProgress, watermark: EpochMs): EpochMs | undefined {
  return backFrom !== undefined && watermark < backFrom ? backFrom : undefined;
}

/**
 * The only place that drops doubles. The answer to `window`, asked at `now`, moves the watermark to the window's end,
 * also when it is empty, and never back.
 */
export function newRows<T>(
  kind: RowKind<T>,
  ledger: TargetLedger<T>,
  { window, now, lookbackMs }: { window: Window; now: EpochMs; lookbackMs: number },
  rows: readonly T[],
): NewRows<T> {
  const watermark = Math.max(ledger.watermark, window.to);
  const floor = Math.max(ledger.floor, wholeSecond(watermark - lookbackMs));
  const told: T[] = [];
  let future = 0;
  let late = 0;
  for (const row of rows) {
    const at = kind.at(row);
    if (at > now + futureToleranceMs) future++;
    else if (at < ledger.floor) late++;
    else told.push(row);
  }
  const { merged, added, changed, duplicate } = merge(kind, ledger.seen, inOrder(kind, told));

  let left = 0;
  while (left < merged.length && kind.at(rowAt(merged, left)) < floor) left++;
  return {
    ledger: {
      watermark,
      floor,
      backFrom: backFromAt(ledger, watermark),
      seen: left === 0 ? merged : merged.slice(left),
    },
    added,
    settled: merged.slice(0, left),
    skipped: { future, late, changed, duplicate },
  };
}

interface Merged<T> {
  /** `seen` itself where nothing was new. */
  readonly merged: readonly T[];
  readonly added: readonly T[];
  readonly changed: number;
  readonly duplicate: number;
}

/**
 * Both in the order of their kind: so one walk along the two finds what is new, with no key made of any row. A row told
 * again with other values takes the place of the one that was counted, and counts nothing more.
 */
function merge<T>(kind: RowKind<T>, seen: readonly T[], told: readonly T[]): Merged<T> {
  const added: T[] = [];
  let changed = 0;
  let duplicate = 0;
  let known = told.length === 0 ? seen.length : countBefore(kind, seen, rowAt(told, 0));
  const merged = seen.slice(0, known);

  for (let next = 0; next < told.length; ) {
    const row = rowAt(told, next);
    while (known < seen.length && kind.compare(rowAt(seen, known), row) < 0)
      merged.push(rowAt(seen, known++));
    const knownTo = endOfEqual(kind, seen, known, row);
    const nextTo = endOfEqual(kind, told, next, row);
    const counted = knownTo - known;

    if (kind.isMultiset) {
      for (; known < knownTo; known++) merged.push(rowAt(seen, known));
      for (next += counted; next < nextTo; next++) {
        merged.push(rowAt(told, next));
        added.push(rowAt(told, next));
      }
    } else {
      duplicate += nextTo - next - 1;
      const isKnown = counted > 0 && kind.agree(rowAt(seen, known), row);
      if (counted === 0) added.push(row);
      else if (!isKnown) changed++;
      // The one that is held already, so that the other is young garbage.
      merged.push(isKnown ? rowAt(seen, known) : row);
    }
    known = knownTo;
    next = nextTo;
  }
  if (added.length === 0 && changed === 0) return { merged: seen, added, changed, duplicate };
  for (; known < seen.length; known++) merged.push(rowAt(seen, known));
  return { merged, added, changed, duplicate };
}

/** Providers tell rows in order, as a rule. */
function inOrder<T>(kind: RowKind<T>, rows: T[]): readonly T[] {
  for (let i = 1; i < rows.length; i++) {
    if (kind.compare(rowAt(rows, i - 1), rowAt(rows, i)) > 0) return rows.sort(kind.compare);
  }
  return rows;
}

/** How many of the rows come before `row`. */
function countBefore<T>(kind: RowKind<T>, rows: readonly T[], row: T): number {
  let from = 0;
  let to = rows.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (kind.compare(rowAt(rows, middle), row) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Where the rows that are the same event as `row` end, from `from` on. */
function endOfEqual<T>(kind: RowKind<T>, rows: readonly T[], from: number, row: T): number {
  let to = from;
  while (to < rows.length && kind.compare(rowAt(rows, to), row) === 0) to++;
  return to;
}

/** Of an index that is one of the list's. */
function rowAt<T>(rows: readonly T[], index: number): T {
  return rows[index] as T;
}
