import {
  type Completion,
  countBefore,
  isUnknown,
  type MergedRows,
  mergeAppended,
  mergeEqualRows,
  mergeValues,
  type RowKind,
  rowAt,
  withUnknown,
} from './duplicates.ts';

/**
 * Merges received rows into the sorted known rows `seen` and finds the new rows. Nearly all rows are equal to
 * a known row or alone in their group, so equal rows are merged first. Only if fields of a group are known in
 * some rows and unknown in others, the rows are merged again, group by group.
 */
export function mergeNewRows<T>(kind: RowKind<T>, seen: readonly T[], unsorted: readonly T[]): MergedRows<T> {
  const received = sorted(kind, unsorted);
  const appended = mergeAppended(kind, seen, received);
  if (appended !== undefined) return appended;
  const equal = mergeEqualRows(kind, seen, received);
  const { groupAt, merged } = equal;
  if (groupAt === undefined || !hasMixedGroup(kind, merged, groupAt)) return equal;
  return mergeGroups(kind, seen, received);
}

/** Returns the rows in order. Sorts only if necessary, because providers normally return rows in order. */
function sorted<T>(kind: RowKind<T>, rows: readonly T[]): readonly T[] {
  for (let i = 1; i < rows.length; i++) {
    if (kind.compare(rowAt(rows, i - 1), rowAt(rows, i)) > 0) return rows.toSorted(kind.compare);
  }
  return rows;
}

/**
 * Reports whether a field is known in some rows of a group and unknown in others, for the group of the row at
 * index `from` and all later groups. Comparing neighbors is sufficient, because such a group contains two
 * neighbors that differ.
 */
function hasMixedGroup<T>(kind: RowKind<T>, rows: readonly T[], from: number): boolean {
  let start = from;
  while (start > 0 && kind.isSameGroup(rowAt(rows, start - 1), rowAt(rows, from))) start--;
  for (let i = start + 1; i < rows.length; i++) {
    const [before, row] = [rowAt(rows, i - 1), rowAt(rows, i)];
    if (!kind.isSameGroup(before, row)) continue;
    for (const field of kind.optionalFields) {
      if (isUnknown(before[field]) !== isUnknown(row[field])) return true;
    }
  }
  return false;
}

/** Merges sorted rows group by group. */
function mergeGroups<T>(kind: RowKind<T>, seen: readonly T[], received: readonly T[]): MergedRows<T> {
  const added: T[] = [];
  const completions: Completion<T>[] = [];
  let changed = 0;
  let duplicate = 0;
  let isSame = true;
  const first = rowAt(received, 0);
  let known = countBefore(kind, seen, first);
  // Rows before `first` can be in its group.
  while (known > 0 && kind.isSameGroup(rowAt(seen, known - 1), first)) known--;
  const merged = seen.slice(0, known);

  for (let next = 0; next < received.length; ) {
    const row = rowAt(received, next);
    const isBefore = (index: number) =>
      kind.compare(rowAt(seen, index), row) < 0 && !kind.isSameGroup(rowAt(seen, index), row);
    while (known < seen.length && isBefore(known)) merged.push(rowAt(seen, known++));
    const knownTo = endOfGroup(kind, seen, known, row);
    const nextTo = endOfGroup(kind, received, next, row);
    const knownRows = seen.slice(known, knownTo);
    const group = mergeGroup(kind, knownRows, received.slice(next, nextTo));
    for (const each of group.merged) merged.push(each);
    for (const each of group.added) added.push(each);
    completions.push(...group.completions);
    changed += group.changed;
    duplicate += group.duplicate;
    isSame &&= group.merged === knownRows;
    known = knownTo;
    next = nextTo;
  }
  if (isSame) return { merged: seen, added, completions, changed, duplicate };
  for (; known < seen.length; known++) merged.push(rowAt(seen, known));
  return { merged, added, completions, changed, duplicate };
}

function endOfGroup<T>(kind: RowKind<T>, rows: readonly T[], from: number, row: T): number {
  let to = from;
  while (to < rows.length && kind.isSameGroup(rowAt(rows, to), row)) to++;
  return to;
}

/**
 * Maximum number of rows of a group whose unknown fields are matched, because matching many rows would block
 * the event loop. In a larger group, only equal rows are the same.
 */
const maxMatchedRows = 50;

/**
 * Merges the rows of one group. Each received row is matched with at most one known row and vice versa,
 * because different rows of one answer are different events. A known row that a received row completes is
 * stored with the fields of both, and counts neither as new nor as changed.
 */
function mergeGroup<T>(kind: RowKind<T>, known: readonly T[], received: readonly T[]): MergedRows<T> {
  const size = known.length + received.length;
  if (size > maxMatchedRows || !hasMixedGroup(kind, [...known, ...received], 0)) {
    return mergeEqualRows(kind, known, received);
  }
  const repeatsPrevious = (row: T, i: number) =>
    i > 0 && !kind.isMultiset && kind.compare(rowAt(received, i - 1), row) === 0;
  const distinct = received.filter((row, i) => !repeatsPrevious(row, i));
  const matches = matchRows(kind, known, distinct);
  const matched = new Set(matches);
  const added = distinct.filter((_, i) => !matched.has(i));
  const completions: Completion<T>[] = [];
  let changed = 0;
  const stored = known.map((row, i) => {
    const match = distinct[matches[i] ?? -1];
    if (match === undefined) return row;
    const values = mergeValues(kind, row, match);
    if (values.after !== row) completions.push({ before: row, after: values.after });
    if (values.isChanged) changed++;
    return withUnknown(values.stored, values.isChanged ? row : match, kind.optionalFields);
  });
  const isSame = added.length === 0 && stored.every((row, i) => row === known[i]);
  const merged = isSame ? known : [...stored, ...added].sort(kind.compare);
  return { merged, added, completions, changed, duplicate: received.length - distinct.length };
}

/**
 * Matches as many received rows with known rows as possible. Returns the index of the received row of each
 * known row, or undefined if a known row has none. Equal rows are matched first. Then each other row, the
 * most similar first, takes the most similar free known row. If there is none, it takes a known row whose
 * received row can move to another known row (an augmenting path).
 */
function matchRows<T>(
  kind: RowKind<T>,
  known: readonly T[],
  received: readonly T[],
): readonly (number | undefined)[] {
  const matches: (number | undefined)[] = known.map(() => undefined);
  const take = (next: number, visited: Set<number>): boolean => {
    const all = candidatesOf(kind, known, rowAt(received, next)).map(({ index }) => index);
    const candidates = all.filter((index) => !visited.has(index));
    for (const candidate of candidates) visited.add(candidate);
    const canMove = (i: number) => matches[i] !== undefined && take(matches[i], visited);
    const to = candidates.find((i) => matches[i] === undefined) ?? candidates.find(canMove);
    if (to === undefined) return false;
    matches[to] = next;
    return true;
  };

  const others = [...received.keys()].filter((next) => {
    const isEqual = (other: T) => kind.compare(other, rowAt(received, next)) === 0;
    const equal = known.findIndex((other, i) => matches[i] === undefined && isEqual(other));
    if (equal !== -1) matches[equal] = next;
    return equal === -1;
  });
  const similarity = (next: number) => candidatesOf(kind, known, rowAt(received, next))[0]?.score ?? -1;
  const bySimilarity = others.map((next) => ({ next, score: similarity(next) }));
  bySimilarity.sort((a, b) => b.score - a.score);
  for (const { next } of bySimilarity) take(next, new Set());
  return matches;
}

/** Known row that can describe the same event as a received row. */
interface Candidate {
  readonly index: number;
  /** Similarity of the two rows. */
  readonly score: number;
}

/**
 * Returns the known rows that can describe the same event as `row`, because no field differs
 * that both have. Rows with the most significant equal fields come first, and of these rows with the same values.
 */
function candidatesOf<T>(kind: RowKind<T>, known: readonly T[], row: T): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const [index, other] of known.entries()) {
    const bothKnown = kind.optionalFields.filter(
      (field) => !isUnknown(row[field]) && !isUnknown(other[field]),
    );
    if (bothKnown.some((field) => row[field] !== other[field])) continue;
    const weights = bothKnown.map(
      (field) => 2 ** (kind.optionalFields.length - kind.optionalFields.indexOf(field)),
    );
    const sameValues = kind.hasSameValues(other, row) ? 1 : 0;
    candidates.push({ index, score: weights.reduce((sum, weight) => sum + weight, sameValues) });
  }
  return candidates.sort((a, b) => b.score - a.score);
}
