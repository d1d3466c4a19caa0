import type { EpochMs } from './time.ts';

/**
 * Describes how to compare the rows of one kind of data, so that duplicates are recognized. Providers give
 * rows no ID.
 */
export interface RowKind<T> {
  /** Returns the time of the row (epoch ms by the provider's clock). */
  at(row: T): EpochMs;
  /**
   * Orders rows by time, then by the other identifying fields that all rows have, then by `optionalFields`.
   * Returns 0 if all identifying fields are equal.
   */
  compare(a: T, b: T): number;
  /**
   * Reports whether two rows have the same time and agree in the other identifying fields that all rows have.
   */
  isSameGroup(a: T, b: T): boolean;
  /**
   * Identifying text fields that a provider can omit from some rows. An unknown field (undefined or empty)
   * matches any value: rows of one group in different answers can describe the same event if no field differs
   * that both rows have. Different rows of one answer are different events. The most significant field comes first:
   * if a row can match several, equal values of this field decide.
   */
  readonly optionalFields: readonly (keyof T)[];
  /** Reports whether two rows that describe the same event also have the same values. */
  hasSameValues(a: T, b: T): boolean;
  /** Values that a provider can omit from a row and report later. Absent if there are none. */
  readonly optionalValues?: readonly (keyof T)[];
  /**
   * Whether n equal rows in one answer are n events, as for control actions. If false, they are one event and
   * its duplicates, as for push samples.
   */
  readonly isMultiset: boolean;
}

/** Known row that a received row completes with values that were unknown before. */
export interface Completion<T> {
  readonly before: T;
  readonly after: T;
}

/** Result of merging received rows into the known rows. */
export interface MergedRows<T> {
  /** All rows, sorted. The array of known rows itself if it contains all received rows unchanged. */
  readonly merged: readonly T[];
  /** Received rows that were not known, sorted. */
  readonly added: readonly T[];
  readonly completions: readonly Completion<T>[];
  /**
   * Number of received rows with other values than the known row, apart from unknown values. They replace the stored
   * row and change no total.
   */
  readonly changed: number;
  /** Number of received rows that repeat a row of the same answer. */
  readonly duplicate: number;
}

/**
 * Compares two texts by code units, so that the order does not depend on the locale. Treats undefined as an
 * empty text.
 */
export function compareTexts(a = '', b = ''): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const noRows: readonly never[] = [];

/**
 * Merges received rows if each of them has a time of its own, repeats known rows at most at their end, and is new
 * afterwards. Otherwise returns undefined. This is the normal case, and takes two thirds of the time of `mergeEqualRows`,
 * which merges any rows: the arrays are copied and do not grow row by row.
 */
export function mergeAppended<T>(
  kind: RowKind<T>,
  seen: readonly T[],
  received: readonly T[],
): MergedRows<T> | undefined {
  for (let i = 1; i < received.length; i++) {
    if (kind.at(rowAt(received, i)) <= kind.at(rowAt(received, i - 1))) return undefined;
  }
  let known = received.length === 0 ? seen.length : countBefore(kind, seen, rowAt(received, 0));
  let next = 0;
  for (; known < seen.length && next < received.length; known++, next++) {
    const [before, row] = [rowAt(seen, known), rowAt(received, next)];
    if (kind.compare(before, row) !== 0 || !kind.hasSameValues(before, row)) return undefined;
  }
  if (next === received.length) return appended(seen, noRows);
  const last = seen.at(-1);
  if (last !== undefined && kind.at(last) >= kind.at(rowAt(received, next))) return undefined;
  const added = next === 0 ? received : received.slice(next);
  return appended([...seen, ...added], added);
}

function appended<T>(merged: readonly T[], added: readonly T[]): MergedRows<T> {
  return { merged, added, completions: noRows, changed: 0, duplicate: 0 };
}

/**
 * Merges received rows into the known rows `seen`, both sorted, in one pass that builds no keys. Only rows
 * whose identifying fields are all equal are the same. `groupAt` is the index in `merged` of the first new row
 * that is in one group with another row; undefined if there is none. Such rows can still be the same if some
 * of their fields are unknown.
 */
export function mergeEqualRows<T>(
  kind: RowKind<T>,
  seen: readonly T[],
  received: readonly T[],
): MergedRows<T> & { readonly groupAt: number | undefined } {
  const added: T[] = [];
  const completions: Completion<T>[] = [];
  let changed = 0;
  let duplicate = 0;
  let groupAt: number | undefined;
  let known = received.length === 0 ? seen.length : countBefore(kind, seen, rowAt(received, 0));
  const merged = seen.slice(0, known);

  for (let next = 0; next < received.length; ) {
    const row = rowAt(received, next);
    while (known < seen.length && kind.compare(rowAt(seen, known), row) < 0)
      merged.push(rowAt(seen, known++));
    const knownTo = endOfEqual(kind, seen, known, row);
    const nextTo = endOfEqual(kind, received, next, row);
    const counted = knownTo - known;

    if (groupAt === undefined && nextTo - next > counted) {
      const isInGroup =
        (merged.length > 0 && kind.isSameGroup(rowAt(merged, merged.length - 1), row)) ||
        (knownTo < seen.length && kind.isSameGroup(rowAt(seen, knownTo), row));
      if (isInGroup) groupAt = merged.length;
    }
    if (kind.isMultiset) {
      for (; known < knownTo; known++) merged.push(rowAt(seen, known));
      for (next += counted; next < nextTo; next++) {
        merged.push(rowAt(received, next));
        added.push(rowAt(received, next));
      }
    } else {
      duplicate += nextTo - next - 1;
      const complete = nextTo - next === 1 ? row : completeRow(kind, received, next, nextTo);
      if (counted === 0) {
        added.push(complete);
        merged.push(complete);
      } else {
        const before = rowAt(seen, known);
        const { stored, after, isChanged } = mergeValues(kind, before, complete);
        if (after !== before) completions.push({ before, after });
        if (isChanged) changed++;
        merged.push(stored);
      }
    }
    known = knownTo;
    next = nextTo;
  }
  const isSame = added.length + completions.length + changed === 0;
  if (isSame) return { merged: seen, added, completions, changed, duplicate, groupAt };
  for (; known < seen.length; known++) merged.push(rowAt(seen, known));
  return { merged, added, completions, changed, duplicate, groupAt };
}

/** Returns the first of several equal rows of one answer, with the values that only the other rows have. */
function completeRow<T>(kind: RowKind<T>, rows: readonly T[], from: number, to: number): T {
  let row = rowAt(rows, from);
  for (let i = from + 1; i < to; i++) row = withUnknown(row, rowAt(rows, i), kind.optionalValues);
  return row;
}

/**
 * Merges the values of a known row and a received row of the same event. `stored` is the row to store: an unknown value
 * never replaces a known one, so that each value counts once. `after` is the known row with the values that were
 * unknown before. `isChanged`: whether a value differs that both rows have.
 */
export function mergeValues<T>(kind: RowKind<T>, known: T, received: T) {
  // Keep the stored object and not the received one, so that the received object is garbage soon.
  if (kind.hasSameValues(known, received)) return { stored: known, after: known, isChanged: false };
  const after = withUnknown(known, received, kind.optionalValues);
  const complete = withUnknown(received, known, kind.optionalValues);
  const isChanged = !kind.hasSameValues(after, complete);
  return { stored: isChanged ? complete : after, after, isChanged };
}

/** Returns the row with its unknown fields taken from `other`; the row itself if there are none to take. */
export function withUnknown<T>(row: T, other: T, fields: readonly (keyof T)[] = []): T {
  let result = row;
  for (const field of fields) {
    if (isUnknown(row[field]) && !isUnknown(other[field])) result = { ...result, [field]: other[field] };
  }
  return result;
}

export function isUnknown(value: unknown): boolean {
  return value === undefined || value === '';
}

/** Returns the number of rows in the sorted list that come before `row`, found by binary search. */
export function countBefore<T>(kind: RowKind<T>, rows: readonly T[], row: T): number {
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
 * Returns the index after the last row that is equal to `row` in all identifying fields, for rows from index
 * `from` on.
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
