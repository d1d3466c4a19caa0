import type { Family } from './family.ts';
import { labelText } from './label-text.ts';
import { chunkOf, createTextArena, offsetOf, type TextSlot } from './text-arena.ts';
import type { Head } from './text-format.ts';

/** Each label text ends with this, so that a line takes one copy the less. */
export const labelsEnd = '} ';

/** A row's number, until the row is freed; then another row may get it. */
export type RowId = number;

/** The series of many like things, a row for each: label texts kept as bytes and shared by the row's families, values in flat arrays. */
export interface SeriesTable<Text extends string> {
  /** Rises with every change; setting what is already there is none. */
  version(): number;
  /** Adds families, drawn in the order in which they were added, and gives the way to show a source on a row; undefined ends the row's series of these families. */
  addFamilies<Source>(
    families: readonly Family<Source, Text>[],
  ): (row: RowId, source: Source | undefined) => void;
  /** A row that shows nothing yet. */
  addRow(): RowId;
  /** Ends all its series. */
  freeRow(row: RowId): void;
  /**
   * The label text that the row's series of these families carry; it has to be there before a value is. Of a text that
   * begins as another one of the row, only the labels that it has more.
   */
  setText(row: RowId, text: Text, labels: Readonly<Record<string, string>>): void;
  /** The table as it is now, whatever changes meanwhile. It costs a copy of what is changed until it is released. */
  snapshot(): Snapshot;
}

export interface Snapshot {
  readonly families: readonly FamilySnapshot[];
  readonly chunks: readonly Buffer[];
  /** To be called once, when nobody reads it any more. */
  release(): void;
}

export interface FamilySnapshot extends Head {
  readonly points: readonly PointSnapshot[];
}

export interface PointSnapshot {
  /** The point's own labels; empty where it has none. */
  readonly ownLabels: string;
  readonly texts: TextSnapshot;
  /** What the texts begin with, where they begin as another does; then they may be empty. */
  readonly prefix: TextSnapshot | undefined;
  readonly values: Float64Array;
  /** 1 where there is a value: a number can't say it, since NaN is a value too. */
  readonly present: Uint8Array;
  /** How many values there are. */
  readonly count: number;
}

/** Of each row. */
export interface TextSnapshot {
  readonly places: Uint32Array;
  /** In bytes; 0 where there is no text. */
  readonly lengths: Uint32Array;
}

/** Arrays that belong to a snapshot as well are copied before they are changed. */
interface Column {
  values: Float64Array;
  present: Uint8Array;
  count: number;
  shared: boolean;
}

interface TextColumn {
  places: Uint32Array;
  /** In bytes; 0 where there is no text. */
  lengths: Uint32Array;
  shared: boolean;
}

interface DrawnPoint {
  readonly ownLabels: string;
  readonly column: Column;
  readonly texts: TextColumn;
  /** What the texts begin with, where that is another one. */
  readonly prefix: TextColumn | undefined;
}

interface PlacedText {
  readonly place: TextSlot;
  readonly bytes: number;
}

/**
 * A table whose rows have a label text for each key of `texts`. Those that are keys of `prefixes` begin as another one,
 * which is held once.
 */
export function createSeriesTable<Text extends string>(
  texts: Readonly<Record<Text, unknown>>,
  prefixes: Partial<Readonly<Record<NoInfer<Text>, NoInfer<Text>>>> = {},
): SeriesTable<Text> {
  const arena = createTextArena();
  const textColumns = new Map<string, TextColumn>(Object.keys(texts).map((text) => [text, newTextColumn()]));
  const columns: Column[] = [];
  const drawn: { head: Head; points: DrawnPoint[] }[] = [];
  const freeRows: RowId[] = [];
  let rows = 0;
  let version = 0;
  let snapshots = 0;
  /** Texts that a snapshot may still read. */
  let leaving: PlacedText[] = [];

  const textColumnOf = (text: Text): TextColumn => {
    const column = textColumns.get(text);
    if (column === undefined) throw new Error(`no label text ${text} in this table`);
    return column;
  };

  const set = (column: Column, row: RowId, value: number | undefined) => {
    const was = column.present[row] === 1;
    if (value === undefined ? !was : was && Object.is(column.values[row], value)) return;
    makeWritable(column, row);
    if (value === undefined) {
      column.present[row] = 0;
      column.count--;
    } else {
      column.values[row] = value;
      column.present[row] = 1;
      if (!was) column.count++;
    }
    version++;
  };

  const removeText = (column: TextColumn, row: RowId) => {
    const bytes = column.lengths[row] ?? 0;
    if (bytes === 0) return;
    const text = { place: column.places[row] ?? 0, bytes };
    makeTextWritable(column, row);
    column.lengths[row] = 0;
    if (snapshots > 0) leaving.push(text);
    else arena.remove(text.place, text.bytes);
  };

  const release = () => {
    snapshots--;
    if (snapshots > 0) return;
    for (const column of columns) column.shared = false;
    for (const column of textColumns.values()) column.shared = false;
    for (const { place, bytes } of leaving) arena.remove(place, bytes);
    leaving = [];
  };

  return {
    version: () => version,
    addFamilies(families) {
      const setters = families.flatMap(({ name, help, type, text, points }) => {
        const texts = textColumnOf(text);
        const first = prefixes[text];
        const prefix = first && textColumnOf(first);
        const added = points.map(({ labels, value }) => ({
          ownLabels: labels === undefined ? '' : labelText(labels),
          column: newColumn(),
          texts,
          prefix,
          value,
        }));
        drawn.push({ head: { name, help, type }, points: added });
        columns.push(...added.map(({ column }) => column));
        return added;
      });
      return (row, source) => {
        for (const { column, value } of setters) {
          set(column, row, source === undefined ? undefined : value(source));
        }
      };
    },
    addRow: () => freeRows.pop() ?? rows++,
    freeRow(row) {
      for (const column of columns) set(column, row, undefined);
      for (const column of textColumns.values()) removeText(column, row);
      freeRows.push(row);
    },
    setText(row, text, labels) {
      const column = textColumnOf(text);
      const own = labelText(labels);
      const isMore = prefixes[text] !== undefined;
      const bytes = Buffer.from(isMore ? own && `,${own}${labelsEnd}` : own + labelsEnd);
      const length = column.lengths[row] ?? 0;
      if (length === bytes.length && isAt(arena.chunks, column.places[row] ?? 0, bytes)) return;
      removeText(column, row);
      makeTextWritable(column, row);
      if (bytes.length > 0) column.places[row] = arena.add(bytes);
      column.lengths[row] = bytes.length;
      version++;
    },
    snapshot() {
      snapshots++;
      for (const column of columns) column.shared = true;
      for (const column of textColumns.values()) column.shared = true;
      const families = drawn.map(({ head, points }) => ({
        ...head,
        points: points.map(({ ownLabels, texts, prefix, column: { values, present, count } }) => ({
          ownLabels,
          texts: toTextSnapshot(texts),
          prefix: prefix && toTextSnapshot(prefix),
          values,
          present,
          count,
        })),
      }));
      return { families, chunks: arena.chunks, release };
    },
  };
}

function toTextSnapshot({ places, lengths }: TextColumn): TextSnapshot {
  return { places, lengths };
}

function newColumn(): Column {
  return { values: new Float64Array(0), present: new Uint8Array(0), count: 0, shared: false };
}

function newTextColumn(): TextColumn {
  return { places: new Uint32Array(0), lengths: new Uint32Array(0), shared: false };
}

function makeWritable(column: Column, row: RowId) {
  const capacity = capacityFor(row, column.values.length);
  if (capacity === column.values.length && !column.shared) return;
  const { values, present } = column;
  column.values = new Float64Array(capacity);
  column.values.set(values);
  column.present = new Uint8Array(capacity);
  column.present.set(present);
  column.shared = false;
}

function makeTextWritable(column: TextColumn, row: RowId) {
  const capacity = capacityFor(row, column.places.length);
  if (capacity === column.places.length && !column.shared) return;
  const { places, lengths } = column;
  column.places = new Uint32Array(capacity);
  column.places.set(places);
  column.lengths = new Uint32Array(capacity);
  column.lengths.set(lengths);
  column.shared = false;
}

const smallestCapacity = 64;

function capacityFor(row: RowId, capacity: number): number {
  let enough = Math.max(capacity, smallestCapacity);
  // By a quarter: rows come a few thousand at once and seldom, and what is not used is never given back.
  while (row >= enough) enough += enough >> 2;
  return enough;
}

function isAt(chunks: readonly Buffer[], place: TextSlot, bytes: Uint8Array): boolean {
  const offset = offsetOf(place);
  return chunks[chunkOf(place)]?.compare(bytes, 0, bytes.length, offset, offset + bytes.length) === 0;
}
