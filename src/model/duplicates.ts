import type { EpochMs } from './time.ts';

/**
 * Describes how to compare the rows of one kind of data, so that duplicates are recognized. Providers give
 * rows no ID.
 */
export interface RowKind<T> {
  /** Returns the time of the row (epoch ms by the provider's clock). */
  at(row: T): EpochMs;
  /**
   * Orders rows by time, then by all other identifying fields. Returns 0 if both rows describe the same
   * event.
   */
  compare(a: T, b: T): number;
  /** Reports whether two rows that describe the same event also have the same values. */
  hasSameValues(a: T, b: T): boolean;
  /**
   * Whether n equal rows in one answer are n events, as for control actions. If false, they are one event and
   * its duplicates, as for push samples.
   */
  readonly isMultiset: boolean;
}

/**
 * Compares two texts by code units, so that the order does not depend on the locale. Treats undefined as an
 * empty text.
 */
export function compareTexts(a = '', b = ''): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * Merges received rows into `seen`, the sorted rows that were already counted, and finds the new rows. Needs
 * only one pass and builds no keys. A received row that describes a known event but has other values replaces
 * the stored row and changes no total. Returns all rows in order as `merged`, which is the array `seen`
 * itself if no row is new or changed. Also returns the new rows as `added`, and the numbers of `changed` and
 * `duplicate` rows.
 */
export function mergeNewRows<T>(kind: RowKind<T>, seen: readonly T[], unsorted: T[]) {
  const received = sorted(kind, unsorted);
  const added: T[] = [];
  let changed = 0;
  let duplicate = 0;
  let known = received.length === 0 ? seen.length : countBefore(kind, seen, rowAt(received, 0));
  const merged = seen.slice(0, known);

  for (let next = 0; next < received.length; ) {
    const row = rowAt(received, next);
    while (known < seen.length && kind.compare(rowAt(seen, known), row) < 0)
      merged.push(rowAt(seen, known++));
    const knownTo = endOfEqual(kind, seen, known, row);
    const nextTo = endOfEqual(kind, received, next, row);
    const counted = knownTo - known;

    if (kind.isMultiset) {
      for (; known < knownTo; known++) merged.push(rowAt(seen, known));
      for (next += counted; next < nextTo; next++) {
        merged.push(rowAt(received, next));
        added.push(rowAt(received, next));
      }
    } else {
      duplicate += nextTo - next - 1;
      const isKnown = counted > 0 && kind.hasSameValues(rowAt(seen, known), row);
      if (counted === 0) added.push(row);
      else if (!isKnown) changed++;
      // Keep the stored object and not the received one, so that the received object is garbage soon.
      merged.push(isKnown ? rowAt(seen, known) : row);
    }
    known = knownTo;
    next = nextTo;
  }
  if (added.length === 0 && changed === 0) return { merged: seen, added, changed, duplicate };
  for (; known < seen.length; known++) merged.push(rowAt(seen, known));
  return { merged, added, changed, duplicate };
}

/** Returns the rows in order. Sorts only if necessary, because providers normally return rows in order. */
function sorted<T>(kind: RowKind<T>, rows: T[]): readonly T[] {
  for (let i = 1; i < rows.length; i++) {
    if (kind.compare(rowAt(rows, i - 1), rowAt(rows, i)) > 0) return rows.sort(kind.compare);
  }
  return rows;
}

/** Returns the number of rows in the sorted list that come before `row`, found by binary search. */
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

/**
 * Returns the index after the last row that describes the same event as `row`. Starts at the index `from`.
 */
function endOfEqual<T>(kind: RowKind<T>, rows: readonly T[], from: number, row: T): number {
  let to = from;
  while (to < rows.length && kind.compare(rowAt(rows, to), row) === 0) to++;
  return to;
}

/**
 * Returns the row at `index`, which must be within bounds. Does not check for undefined, because this
 * function is on a hot path.
 */
export function rowAt<T>(rows: readonly T[], index: number): T {
  return rows[index] as T;
}
