/** Values by row. A column that is shared with a snapshot is copied before a change (copy-on-write). */
export interface ValueColumn {
  values: Float64Array;
  present: Uint8Array;
  count: number;
  isShared: boolean;
}

/** Label texts by row, as slots of the text arena. */
export interface TextColumn {
  slots: Uint32Array;
  /** In bytes; 0 without text. */
  lengths: Uint32Array;
  isShared: boolean;
}

export function newValueColumn(): ValueColumn {
  return { values: new Float64Array(0), present: new Uint8Array(0), count: 0, isShared: false };
}

export function newTextColumn(): TextColumn {
  return { slots: new Uint32Array(0), lengths: new Uint32Array(0), isShared: false };
}

/** Makes a row writable: grows the column, or copies it if it is shared. */
export function makeWritable(column: ValueColumn, row: number) {
  const capacity = capacityFor(row, column.values.length);
  if (capacity === column.values.length && !column.isShared) return;
  const { values, present } = column;
  column.values = new Float64Array(capacity);
  column.values.set(values);
  column.present = new Uint8Array(capacity);
  column.present.set(present);
  column.isShared = false;
}

export function makeTextWritable(column: TextColumn, row: number) {
  const capacity = capacityFor(row, column.slots.length);
  if (capacity === column.slots.length && !column.isShared) return;
  const { slots, lengths } = column;
  column.slots = new Uint32Array(capacity);
  column.slots.set(slots);
  column.lengths = new Uint32Array(capacity);
  column.lengths.set(lengths);
  column.isShared = false;
}

const minCapacity = 64;

function capacityFor(row: number, capacity: number): number {
  let sufficient = Math.max(capacity, minCapacity);
  // Grows by a quarter: rows are added rarely and a few thousand at once, and unused capacity is never freed.
  while (row >= sufficient) sufficient += sufficient >> 2;
  return sufficient;
}
