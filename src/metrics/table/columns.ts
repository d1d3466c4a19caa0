/**
 * Values of one series of each row, by row number. If a snapshot shares the arrays of the column, the arrays
 * are copied before a change (copy-on-write).
 */
export interface ValueColumn {
  values: Float64Array;
  /** 1 for a row that has a value, 0 for a row without a series. */
  present: Uint8Array;
  /** Number of rows that have a value. */
  count: number;
  isShared: boolean;
}

/**
 * Label texts by row number. Each text is stored in the text arena, and the column holds the text's slot. If
 * a snapshot shares the arrays of the column, the arrays are copied before a change (copy-on-write).
 */
export interface TextColumn {
  slots: Uint32Array;
  /** Length of each row's text in bytes; 0 if the row has no text. */
  lengths: Uint32Array;
  isShared: boolean;
}

export function newValueColumn(): ValueColumn {
  return { values: new Float64Array(0), present: new Uint8Array(0), count: 0, isShared: false };
}

export function newTextColumn(): TextColumn {
  return { slots: new Uint32Array(0), lengths: new Uint32Array(0), isShared: false };
}

/** Sets the value of a row; the value undefined removes the series. Reports whether the column changed. */
export function setValue(column: ValueColumn, row: number, value: number | undefined): boolean {
  const wasPresent = column.present[row] === 1;
  if (value === undefined ? !wasPresent : wasPresent && Object.is(column.values[row], value)) return false;
  makeWritable(column, row);
  if (value === undefined) {
    column.present[row] = 0;
    column.count--;
  } else {
    column.values[row] = value;
    column.present[row] = 1;
    if (!wasPresent) column.count++;
  }
  return true;
}

/**
 * Makes a row of a value column writable: if the row is beyond the capacity, grows the column, and if a
 * snapshot shares the column's arrays, copies them.
 */
function makeWritable(column: ValueColumn, row: number) {
  const capacity = capacityFor(row, column.values.length);
  if (capacity === column.values.length && !column.isShared) return;
  column.values = copyInto(new Float64Array(capacity), column.values);
  column.present = copyInto(new Uint8Array(capacity), column.present);
  column.isShared = false;
}

/**
 * Makes a row of a text column writable: if the row is beyond the capacity, grows the column, and if a
 * snapshot shares the column's arrays, copies them.
 */
export function makeTextWritable(column: TextColumn, row: number) {
  const capacity = capacityFor(row, column.slots.length);
  if (capacity === column.slots.length && !column.isShared) return;
  column.slots = copyInto(new Uint32Array(capacity), column.slots);
  column.lengths = copyInto(new Uint32Array(capacity), column.lengths);
  column.isShared = false;
}

/** Copies the values of `source` to the start of `target` and returns `target`. */
function copyInto<Values extends Float64Array | Uint32Array | Uint8Array>(
  target: Values,
  source: Values,
): Values {
  target.set(source);
  return target;
}

/** Minimum number of rows that a column has space for once it is not empty. */
const minCapacity = 64;

/** Returns the capacity, in rows, of a column that contains `row` and has at least the current capacity. */
function capacityFor(row: number, capacity: number): number {
  let sufficient = Math.max(capacity, minCapacity);
  // Grow by a quarter and not by more: rows are added rarely and then a few thousand at once, and unused
  // capacity is never freed.
  while (row >= sufficient) sufficient += sufficient >> 2;
  return sufficient;
}
