/**
 * Creates a table of numbers with one row per key. It takes a third of the memory of an object per key, because V8
 * stores each time and each other large number of an object as an object of its own. A row is identified by the
 * index of its first number, which is valid until the row is removed.
 */
export function createNumberRows(width: number) {
  const rowOf = new Map<string, number>();
  const free: number[] = [];
  let numbers = new Float64Array(0);
  let end = 0;

  /** Returns the index of an unused row. */
  function allocate(): number {
    const reused = free.pop();
    if (reused !== undefined) return reused;
    const row = end;
    end += width;
    if (end > numbers.length) {
      const larger = new Float64Array(Math.ceil((end * growth) / width) * width);
      larger.set(numbers);
      numbers = larger;
    }
    return row;
  }

  return {
    /** Returns the row of `key`; undefined if there is none. */
    find: (key: string): number | undefined => rowOf.get(key),
    /** Adds a row for a new key, filled with NaN. */
    add(key: string): number {
      const row = allocate();
      numbers.fill(Number.NaN, row, row + width);
      rowOf.set(key, row);
      return row;
    },
    remove(key: string): void {
      const row = rowOf.get(key);
      if (row === undefined) return;
      rowOf.delete(key);
      free.push(row);
    },
    /** Returns the number of a row in `column`, which must be less than the width. */
    get: (row: number, column: number): number => numbers[row + column] as number,
    set(row: number, column: number, value: number): void {
      numbers[row + column] = value;
    },
    /** Returns all keys with their rows. */
    entries: (): MapIterator<[string, number]> => rowOf.entries(),
  };
}

/** Factor by which the table grows when it is full. */
const growth = 1.25;
