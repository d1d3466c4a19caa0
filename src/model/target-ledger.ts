import { type EpochMs, secondMs, type Window } from './time.ts';

/**
 * Of one target: how far it was asked, and the rows seen within the lookback. It is what makes the exporter lossless:
 * each window begins before the end of the last one, and what was seen before is dropped.
 */
export interface TargetLedger<T> {
  /** Asked with success up to here: the end of a window, never the time of a row. */
  readonly watermark: EpochMs;
  /** Rows from before this moment can't be told from counted ones any more. */
  readonly floor: EpochMs;
  /** The counted rows from `floor` on, by key. */
  readonly seen: ReadonlyMap<string, Seen<T>>;
}

export interface Seen<T> {
  readonly row: T;
  /** How often the row was counted; more than once only where equal rows are different events. */
  readonly count: number;
  /** What the provider said when it last changed a counted row. */
  readonly changedTo?: string;
}

/** How the rows of one question are told apart. A row has no id at any provider. */
export interface RowKind<T> {
  at(row: T): EpochMs;
  /** Equal for two rows that are the same event, as far as can be told. */
  key(row: T): string;
  /** All else that the row says: other text under a known key is a change. */
  print(row: T): string;
  /** Whether two rows have the same key and the same print, told without making either; only where equal rows are one. */
  readonly isSame?: (a: T, b: T) => boolean;
  /** true: n equal rows in one answer are n events (control actions). false: they are one told n times (samples). */
  readonly equalRowsCount: boolean;
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
  readonly fresh: readonly T[];
  /** Rows that left the lookback with this answer, in time order: nothing can come between them any more. */
  readonly settled: readonly T[];
  readonly skipped: SkippedRows;
}

/** A provider's clock may be this far ahead of ours. */
export const futureToleranceMs = 60 * secondMs;

/** The ledger of a target that was never asked: it begins one lookback ago, so that old history never looks like today's. */
export function newTargetLedger<T>(now: EpochMs, lookbackMs: number): TargetLedger<T> {
  const from = wholeSecond(now - lookbackMs);
  return { watermark: from, floor: from, seen: new Map() };
}

/**
 * What to ask next: from one lookback before the watermark, oldest first, cut to what one call may span. With
 * `ledger`, as it has to be when the answer comes, and the time that the provider can't be asked about any more.
 * The window is empty (from >= to) when the clock was set back behind all that can be counted.
 */
export function nextWindow<T>(
  ledger: TargetLedger<T>,
  now: EpochMs,
  { lookbackMs, spanMs, retentionMs }: { lookbackMs: number; spanMs: number; retentionMs: number },
): { readonly window: Window; readonly lost: Window | undefined } {
  const oldest = wholeSecond(now - retentionMs) + retentionMarginMs;
  if (ledger.watermark < oldest) {
    return {
      window: { from: oldest, to: Math.min(oldest + spanMs, wholeSecond(now)) },
      lost: { from: ledger.watermark, to: oldest },
    };
  }
  const from = Math.max(ledger.floor, wholeSecond(ledger.watermark - lookbackMs), oldest);
  return { window: { from, to: Math.min(from + spanMs, wholeSecond(now)) }, lost: undefined };
}

/** The oldest second that can be asked must still be there when the call arrives. */
const retentionMarginMs = 60 * secondMs;

/** Windows lie on whole seconds, since that is what the providers take: so a window never reaches back behind the floor. */
function wholeSecond(at: EpochMs): EpochMs {
  return Math.floor(at / secondMs) * secondMs;
}

/** The ledger after a stretch of time that was lost: it begins anew where the provider can be asked again. */
export function skipLost<T>(
  kind: RowKind<T>,
  ledger: TargetLedger<T>,
  lost: Window,
): { readonly ledger: TargetLedger<T>; readonly settled: readonly T[] } {
  const settled = inTimeOrder(
    kind,
    [...ledger.seen.values()].map(({ row }) => row),
  );
  return { ledger: { watermark: lost.to, floor: lost.to, seen: new Map() }, settled };
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
  const seen = new Map(ledger.seen);
  /** How often each key was told in this answer; not of those in `again`, which were told once. */
  const told = new Map<string, number>();
  const again: string[] = [];
  const fresh: T[] = [];
  const skipped = { future: 0, late: 0, changed: 0, duplicate: 0 };
  const toRetold = createRetold(kind, ledger.seen);

  for (const row of rows) {
    const at = kind.at(row);
    const retold = toRetold(row, at);
    if (retold !== undefined) {
      again.push(retold);
      continue;
    }
    if (at > now + futureToleranceMs) {
      skipped.future++;
      continue;
    }
    if (at < ledger.floor) {
      skipped.late++;
      continue;
    }
    const key = kind.key(row);
    const times = (told.get(key) ?? Number(again.includes(key))) + 1;
    told.set(key, times);
    const known = seen.get(key);
    if (known === undefined) {
      seen.set(key, { row, count: 1 });
      fresh.push(row);
    } else if (kind.equalRowsCount) {
      if (times <= known.count) continue;
      seen.set(key, { ...known, count: times });
      fresh.push(row);
    } else if (times > 1) {
      skipped.duplicate++;
    } else {
      const print = kind.print(row);
      if (print === (known.changedTo ?? kind.print(known.row))) continue;
      seen.set(key, { ...known, changedTo: print });
      skipped.changed++;
    }
  }

  const settled: T[] = [];
  for (const [key, { row }] of seen) {
    if (kind.at(row) >= floor) continue;
    seen.delete(key);
    settled.push(row);
  }
  return { ledger: { watermark, floor, seen }, fresh, settled: inTimeOrder(kind, settled), skipped };
}

/**
 * Tells of a row whether it is the next of those seen, told again word for word, by its key: as most rows are, in the
 * order in which they were seen. Only a short cut, since the key of a row costs more than all else that is done with it.
 */
function createRetold<T>(
  { at, isSame }: RowKind<T>,
  seen: ReadonlyMap<string, Seen<T>>,
): (row: T, rowAt: EpochMs) => string | undefined {
  if (isSame === undefined) return () => undefined;
  const keys = seen.keys();
  const values = seen.values();
  let key = keys.next().value;
  let next = values.next().value;
  const moveOn = () => {
    key = keys.next().value;
    next = values.next().value;
  };
  return (row, rowAt) => {
    while (next !== undefined && at(next.row) < rowAt) moveOn();
    if (next === undefined || next.changedTo !== undefined || !isSame(next.row, row)) return undefined;
    const retold = key;
    moveOn();
    return retold;
  };
}

/** Of one moment, in the order of their keys: the order must not depend on which answer told them. */
function inTimeOrder<T>(kind: RowKind<T>, rows: T[]): readonly T[] {
  return rows.sort((a, b) => kind.at(a) - kind.at(b) || (kind.key(a) < kind.key(b) ? -1 : 1));
}
