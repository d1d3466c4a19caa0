import { countBefore, type RowKind, rowAt } from '../model/duplicates.ts';

/** Difference of two sorted lists of counted rows. */
export interface RowDiff<T> {
  /** Number of rows that were removed from the start of the list. */
  readonly dropped: number;
  /** Indexes of further removed rows in the list before. */
  readonly removed: readonly number[];
  /** Added rows, sorted. A row with changed values is removed and added. */
  readonly added: readonly T[];
}

/**
 * Compares two sorted lists of counted rows. Most rows are the same objects in both lists, so comparing the
 * rows of a day costs much less than writing them.
 */
export function diffRows<T>(kind: RowKind<T>, before: readonly T[], after: readonly T[]): RowDiff<T> {
  const dropped = after.length === 0 ? before.length : countBefore(kind, before, rowAt(after, 0));
  const removed: number[] = [];
  const added: T[] = [];
  let known = dropped;
  let next = 0;
  for (;;) {
    const same = countSame(before, known, after, next);
    known += same;
    next += same;
    if (known >= before.length || next >= after.length) break;
    const [old, row] = [rowAt(before, known), rowAt(after, next)];
    const order = kind.compare(old, row);
    if (order < 0) removed.push(known++);
    else if (order > 0) added.push(rowAt(after, next++));
    else {
      if (!isSameRow(kind, old, row)) {
        removed.push(known);
        added.push(row);
      }
      known++;
      next++;
    }
  }
  for (; known < before.length; known++) removed.push(known);
  for (; next < after.length; next++) added.push(rowAt(after, next));
  return { dropped, removed, added };
}

/**
 * Returns the number of rows from the two indexes on that are the same objects. This loop is a function of its own,
 * because V8 runs it fast even before it is optimized.
 */
function countSame<T>(before: readonly T[], known: number, after: readonly T[], next: number): number {
  const max = Math.min(before.length - known, after.length - next);
  let same = 0;
  while (same < max && before[known + same] === after[next + same]) same++;
  return same;
}

/** Returns the list of rows after the difference. */
export function patchRows<T>(
  kind: RowKind<T>,
  before: readonly T[],
  { dropped, removed, added }: RowDiff<T>,
): readonly T[] {
  const gone = new Set(removed);
  const rows: T[] = [];
  let next = 0;
  for (let known = dropped; known < before.length; known++) {
    if (gone.has(known)) continue;
    const row = rowAt(before, known);
    while (next < added.length && kind.compare(rowAt(added, next), row) < 0) rows.push(rowAt(added, next++));
    rows.push(row);
  }
  for (; next < added.length; next++) rows.push(rowAt(added, next));
  return rows;
}

/** Reports whether two rows with equal identifying fields are equal, including an undefined and an empty field. */
function isSameRow<T>(kind: RowKind<T>, a: T, b: T): boolean {
  if (a === b) return true;
  return kind.hasSameValues(a, b) && kind.optionalFields.every((field) => a[field] === b[field]);
}
