import {
  makeTextWritable,
  makeWritable,
  newTextColumn,
  newValueColumn,
  type TextColumn,
  type ValueColumn,
} from './columns.ts';
import type { Family } from './family.ts';
import { labelText } from './label-text.ts';
import { chunkOf, createTextArena, offsetOf, type TextSlot } from './text-arena.ts';
import type { Head } from './text-format.ts';

/** End of every stored label text. Including it saves one copy per line. */
export const labelsEnd = '} ';

/** Index of a row. A freed row is reused. */
export type RowId = number;

/**
 * Series of many similar objects, one row per object. Label texts are stored as bytes and shared by the
 * families of a row; values are stored in flat arrays.
 */
export interface SeriesTable<Text extends string> {
  /** Rises with every change. Setting an equal value is a no-op. */
  version(): number;
  /**
   * Adds families, which are rendered in this order. Returns a function that sets a row from a source. An
   * undefined source removes the row's series of these families.
   */
  addFamilies<Source>(
    families: readonly Family<Source, Text>[],
  ): (row: RowId, source: Source | undefined) => void;
  /** Adds a row without series. */
  addRow(): RowId;
  /** Removes all series of the row. */
  freeRow(row: RowId): void;
  /**
   * Sets a label text of the row. Set it before the first value. If another text of the row is its prefix,
   * pass only the additional labels.
   */
  setText(row: RowId, text: Text, labels: Readonly<Record<string, string>>): void;
  /**
   * Returns an immutable view of this version (copy-on-write: a change copies the column until the release).
   */
  snapshot(): Snapshot;
}

export interface Snapshot {
  readonly families: readonly FamilySnapshot[];
  readonly chunks: readonly Buffer[];
  /** Call it once, after the last read. */
  release(): void;
}

export interface FamilySnapshot extends Head {
  readonly points: readonly PointSnapshot[];
}

export interface PointSnapshot {
  /** The point's own labels; empty if it has none. */
  readonly ownLabels: string;
  readonly texts: TextSnapshot;
  /** Texts that `texts` continue, which can then be empty; undefined without prefix. */
  readonly prefix: TextSnapshot | undefined;
  readonly values: Float64Array;
  /** 1 if the row has a value. A separate array, because NaN is a value. */
  readonly present: Uint8Array;
  /** Number of values. */
  readonly count: number;
}

/** Label texts by row. */
export interface TextSnapshot {
  readonly slots: Uint32Array;
  /** In bytes; 0 without text. */
  readonly lengths: Uint32Array;
}

interface PointColumns {
  readonly ownLabels: string;
  readonly column: ValueColumn;
  readonly texts: TextColumn;
  readonly prefix: TextColumn | undefined;
}

interface StoredText {
  readonly slot: TextSlot;
  readonly bytes: number;
}

/**
 * Creates a table whose rows have a label text for each key of `texts`. A key of `prefixes` names a text that
 * continues another one, which is stored once.
 */
export function createSeriesTable<Text extends string>(
  texts: Readonly<Record<Text, unknown>>,
  prefixes: Partial<Readonly<Record<NoInfer<Text>, NoInfer<Text>>>> = {},
): SeriesTable<Text> {
  const arena = createTextArena();
  const textColumns = new Map<string, TextColumn>(Object.keys(texts).map((text) => [text, newTextColumn()]));
  const columns: ValueColumn[] = [];
  const rendered: { head: Head; points: readonly PointColumns[] }[] = [];
  const freeRows: RowId[] = [];
  let rows = 0;
  let version = 0;
  let snapshots = 0;
  /** Removed texts that a snapshot can still read. */
  let removedTexts: StoredText[] = [];

  const textColumnOf = (text: Text): TextColumn => {
    const column = textColumns.get(text);
    if (column === undefined) throw new Error(`no label text ${text} in this table`);
    return column;
  };

  const set = (column: ValueColumn, row: RowId, value: number | undefined) => {
    const wasPresent = column.present[row] === 1;
    if (value === undefined ? !wasPresent : wasPresent && Object.is(column.values[row], value)) return;
    makeWritable(column, row);
    if (value === undefined) {
      column.present[row] = 0;
      column.count--;
    } else {
      column.values[row] = value;
      column.present[row] = 1;
      if (!wasPresent) column.count++;
    }
    version++;
  };

  const removeText = (column: TextColumn, row: RowId) => {
    const bytes = column.lengths[row] ?? 0;
    if (bytes === 0) return;
    const slot = column.slots[row] ?? 0;
    makeTextWritable(column, row);
    column.lengths[row] = 0;
    if (snapshots > 0) removedTexts.push({ slot, bytes });
    else arena.remove(slot, bytes);
  };

  const release = () => {
    snapshots--;
    if (snapshots > 0) return;
    for (const column of columns) column.isShared = false;
    for (const column of textColumns.values()) column.isShared = false;
    for (const { slot, bytes } of removedTexts) arena.remove(slot, bytes);
    removedTexts = [];
  };

  return {
    version: () => version,
    addFamilies(families) {
      const setters = families.flatMap(({ name, help, type, text, points }) => {
        const texts = textColumnOf(text);
        const prefixText = prefixes[text];
        const prefix = prefixText && textColumnOf(prefixText);
        const added = points.map(({ labels, value }) => ({
          ownLabels: labels === undefined ? '' : labelText(labels),
          column: newValueColumn(),
          texts,
          prefix,
          value,
        }));
        rendered.push({ head: { name, help, type }, points: added });
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
      const hasPrefix = prefixes[text] !== undefined;
      const bytes = Buffer.from(hasPrefix ? own && `,${own}${labelsEnd}` : own + labelsEnd);
      const length = column.lengths[row] ?? 0;
      if (length === bytes.length && isStoredAt(arena.chunks, column.slots[row] ?? 0, bytes)) return;
      removeText(column, row);
      makeTextWritable(column, row);
      if (bytes.length > 0) column.slots[row] = arena.add(bytes);
      column.lengths[row] = bytes.length;
      version++;
    },
    snapshot() {
      snapshots++;
      for (const column of columns) column.isShared = true;
      for (const column of textColumns.values()) column.isShared = true;
      const families = rendered.map(({ head, points }) => ({ ...head, points: points.map(toPointSnapshot) }));
      return { families, chunks: arena.chunks, release };
    },
  };
}

function toPointSnapshot({ ownLabels, texts, prefix, column }: PointColumns): PointSnapshot {
  const { values, present, count } = column;
  return {
    ownLabels,
    texts: toTextSnapshot(texts),
    prefix: prefix && toTextSnapshot(prefix),
    values,
    present,
    count,
  };
}

function toTextSnapshot({ slots, lengths }: TextColumn): TextSnapshot {
  return { slots, lengths };
}

function isStoredAt(chunks: readonly Buffer[], slot: TextSlot, bytes: Uint8Array): boolean {
  const offset = offsetOf(slot);
  return chunks[chunkOf(slot)]?.compare(bytes, 0, bytes.length, offset, offset + bytes.length) === 0;
}
