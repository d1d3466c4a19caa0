import type { Epoch } from './snapshot-texts.ts';

/**
 * Values of one series, by row number. If a snapshot in use shares the arrays, they are copied before a change
 * (copy-on-write).
 */
export interface ValueColumn {
  values: Float64Array;
  /** 1 if the row has a value, 0 if it has no series here. */
  present: Uint8Array;
  /** Number of rows that have a value. */
  count: number;
  /** Version of the table at the last change in each range of `rangeRows` rows. */
  readonly changedIn: number[];
  /** Epoch in which the arrays were created: later snapshots share them. */
  ownedSince: Epoch;
}

/**
 * Label texts by row number. The text arena stores the texts; the column contains their slots. If a snapshot in
 * use shares the arrays, they are copied before a change (copy-on-write).
 */
export interface TextColumn {
  slots: Uint32Array;
  /** Length of the text of each row in bytes; 0 if the row has no text. */
  lengths: Uint32Array;
  /** Version of the table at the last change in each range of `rangeRows` rows. */
  readonly changedIn: number[];
  /** Epoch in which the text of each row was added. No snapshot reads this array. */
  addedIn: Uint32Array;
  /** Epoch in which the arrays were created: later snapshots share them. */
  ownedSince: Epoch;
}

/** Snapshots of the table of a column, as far as its changes depend on them. */
export interface SnapshotState {
  /** Returns the current epoch. */
  epoch(): Epoch;
  /** Returns the epoch of the newest snapshot in use; 0 without one. */
  newestInUse(): Epoch;
}

/** Binary logarithm of the number of rows per range. */
const rangeBits = 12;

/** Number of rows per range. The text of a range of a family is kept as long as nothing in the range changes. */
export const rangeRows = 2 ** rangeBits;

/** Stores the version of the table in which a row changed. */
export function setChanged({ changedIn }: ValueColumn | TextColumn, row: number, version: number) {
  const range = row >>> rangeBits;
  while (changedIn.length < range) changedIn.push(0);
  changedIn[range] = version;
}

export function newValueColumn(): ValueColumn {
  return { values: new Float64Array(0), present: new Uint8Array(0), count: 0, changedIn: [], ownedSince: 0 };
}

export function newTextColumn(): TextColumn {
  return {
    slots: new Uint32Array(0),
    lengths: new Uint32Array(0),
    changedIn: [],
    addedIn: new Uint32Array(0),
    ownedSince: 0,
  };
}

/** Sets the value of a row; undefined removes its series. Reports whether the column changed. */
export function setValue(
  column: ValueColumn,
  row: number,
  value: number | undefined,
  snapshots: SnapshotState,
): boolean {
  const wasPresent = column.present[row] === 1;
  if (value === undefined ? !wasPresent : wasPresent && Object.is(column.values[row], value)) return false;
  if (row >= column.values.length || isShared(column, snapshots)) makeWritable(column, row, snapshots);
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

/** Replaces the arrays of a value column by copies with space for the row. */
function makeWritable(column: ValueColumn, row: number, snapshots: SnapshotState) {
  const capacity = capacityFor(row, column.values.length);
  column.values = copyInto(new Float64Array(capacity), column.values);
  column.present = copyInto(new Uint8Array(capacity), column.present);
  column.ownedSince = snapshots.epoch();
}

/** Reports whether a snapshot in use shares the arrays of the column. */
function isShared({ ownedSince }: ValueColumn | TextColumn, snapshots: SnapshotState): boolean {
  return snapshots.newestInUse() > ownedSince;
}

/**
 * Prepares a text column for a write to a row. Grows the column if the row is beyond its capacity, and copies
 * the arrays if a snapshot shares them.
 */
export function makeTextWritable(column: TextColumn, row: number, snapshots: SnapshotState) {
  const capacity = capacityFor(row, column.slots.length);
  if (capacity !== column.addedIn.length) {
    column.addedIn = copyInto(new Uint32Array(capacity), column.addedIn);
  } else if (!isShared(column, snapshots)) return;
  column.slots = copyInto(new Uint32Array(capacity), column.slots);
  column.lengths = copyInto(new Uint32Array(capacity), column.lengths);
  column.ownedSince = snapshots.epoch();
}

/** Copies the values of `source` to the start of `target` and returns `target`. */
function copyInto<Values extends Float64Array | Uint32Array | Uint8Array>(
  target: Values,
  source: Values,
): Values {
  target.set(source);
  return target;
}

/** Minimum capacity in rows of a column that is not empty. */
const minCapacity = 64;

/**
 * Returns the capacity, in rows, of a column that must have space for the row number `row`. It is never less
 * than the current capacity.
 */
function capacityFor(row: number, capacity: number): number {
  let sufficient = Math.max(capacity, minCapacity);
  // Grow by only a quarter: rows are added rarely and then a few thousand at once, and unused capacity is
  // never freed.
  while (row >= sufficient) sufficient += sufficient >> 2;
  return sufficient;
}
