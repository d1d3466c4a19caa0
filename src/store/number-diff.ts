/**
 * Change of a number in a compact JSON form. 0: unchanged. null: now undefined. A number: the difference. An
 * array: the new value itself, where a difference would not restore it exactly.
 */
export type NumberDiff = number | null | readonly [number];

/** Returns the change from `before` to `after`. */
export function diffNumber(before: number | undefined, after: number | undefined): NumberDiff {
  if (after === before) return 0;
  if (after === undefined) return null;
  const base = before ?? 0;
  const difference = after - base;
  return difference !== 0 && base + difference === after ? difference : [after];
}

/** Returns the number after the change `diff`. A missing change is no change. */
export function patchNumber(before: number | undefined, diff: NumberDiff | undefined): number | undefined {
  if (diff === 0 || diff === undefined) return before;
  if (diff === null) return undefined;
  return typeof diff === 'number' ? (before ?? 0) + diff : diff[0];
}

/**
 * Returns the changes of a list of numbers with a fixed length. Unchanged numbers at the end are omitted. A
 * list that is compared with nothing is compared with zeros.
 */
export function diffNumbers(
  before: readonly (number | undefined)[] | undefined,
  after: readonly (number | undefined)[],
): readonly NumberDiff[] {
  const diffs = after.map((number, i) => diffNumber(before === undefined ? 0 : before[i], number));
  return withoutEnd(diffs);
}

/** Returns the list after the changes `diffs`. Without a list before, the numbers before are `length` zeros. */
export function patchNumbers(
  before: readonly (number | undefined)[] | undefined,
  diffs: readonly NumberDiff[],
  length: number,
): readonly (number | undefined)[] {
  return Array.from({ length }, (_, i) => patchNumber(before === undefined ? 0 : before[i], diffs[i]));
}

/** Returns the list without the zeros at its end, which stand for unchanged values. */
export function withoutEnd<T>(list: readonly T[]): readonly T[] {
  let { length } = list;
  while (length > 0 && list[length - 1] === 0) length--;
  return length === list.length ? list : list.slice(0, length);
}
