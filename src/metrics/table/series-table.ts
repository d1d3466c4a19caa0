import {
  makeTextWritable,
  newTextColumn,
  newValueColumn,
  setValue,
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

export type SeriesTable<Text extends string> = ReturnType<typeof createSeriesTable<Text>>;

export interface Snapshot {
  readonly families: readonly FamilySnapshot[];
  readonly chunks: readonly Buffer[];
  /** Call it once, after the last read. */
  release(): void;
}

export interface FamilySnapshot extends Head {
  readonly points: readonly PointSnapshot[];
}

/** Label texts by row. */
type TextSnapshot = Readonly<Omit<TextColumn, 'isShared'>>;

/** Values and label texts of one point of a family, by row. */
export interface PointSnapshot extends Readonly<Omit<ValueColumn, 'isShared'>> {
  /** The point's own labels; empty if it has none. */
  readonly ownLabels: string;
  readonly texts: TextSnapshot;
  /** Texts that `texts` continue, which can then be empty; undefined without prefix. */
  readonly prefix: TextSnapshot | undefined;
}

interface StoredText {
  readonly slot: TextSlot;
  readonly bytes: number;
}

/**
 * Creates a table with the series of many similar objects, one row per object. Label texts are stored as
 * bytes and shared by the families of a row; values are stored in flat arrays. Rows have a label text for
 * each key of `texts`. A key of `prefixes` names a text that continues another one, which is stored once.
 */
export function createSeriesTable<Text extends string>(
  texts: Readonly<Record<Text, unknown>>,
  prefixes: Partial<Readonly<Record<NoInfer<Text>, NoInfer<Text>>>> = {},
) {
  const arena = createTextArena();
  const textColumns = new Map<string, TextColumn>(Object.keys(texts).map((text) => [text, newTextColumn()]));
  const columns: ValueColumn[] = [];
  /** In rendering order. */
  const familySnapshots: (() => FamilySnapshot)[] = [];
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
    if (setValue(column, row, value)) version++;
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
    /** Rises with every change. Setting an equal value is a no-op. */
    version: () => version,
    /**
     * Adds families, which are rendered in this order. Returns a function that sets a row from a source. An
     * undefined source removes the row's series of these families.
     */
    addFamilies<Source>(families: readonly Family<Source, Text>[]) {
      const setters = families.flatMap(({ name, help, type, text, points }) => {
        const texts = textColumnOf(text);
        const prefixText = prefixes[text];
        const prefix = prefixText && textColumnOf(prefixText);
        const added = points.map(({ labels, value }) => ({
          ownLabels: labels === undefined ? '' : labelText(labels),
          column: newValueColumn(),
          value,
        }));
        familySnapshots.push(() => ({
          name,
          help,
          type,
          points: added.map((point) => toPointSnapshot(point, texts, prefix)),
        }));
        columns.push(...added.map(({ column }) => column));
        return added;
      });
      return (row: RowId, source: Source | undefined) => {
        for (const { column, value } of setters) {
          set(column, row, source === undefined ? undefined : value(source));
        }
      };
    },
    /** Adds a row without series. */
    addRow: (): RowId => freeRows.pop() ?? rows++,
    /** Removes all series of the row. */
    freeRow(row: RowId) {
      for (const column of columns) set(column, row, undefined);
      for (const column of textColumns.values()) removeText(column, row);
      freeRows.push(row);
    },
    /**
     * Sets a label text of the row. Set it before the first value. If another text of the row is its prefix,
     * pass only the additional labels.
     */
    setText(row: RowId, text: Text, labels: Readonly<Record<string, string>>) {
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
    /**
     * Returns an immutable view of this version (copy-on-write: a change copies the column until the
     * release).
     */
    snapshots(): readonly [Snapshot] {
      snapshots++;
      for (const column of columns) column.isShared = true;
      for (const column of textColumns.values()) column.isShared = true;
      const families = familySnapshots.map((toSnapshot) => toSnapshot());
      return [{ families, chunks: arena.chunks, release }];
    },
  };
}

function toPointSnapshot(
  { ownLabels, column }: { readonly ownLabels: string; readonly column: ValueColumn },
  texts: TextColumn,
  prefix: TextColumn | undefined,
): PointSnapshot {
  const { values, present, count } = column;
  return {
    ownLabels,
    values,
    present,
    count,
    texts: toTextSnapshot(texts),
    prefix: prefix && toTextSnapshot(prefix),
  };
}

function toTextSnapshot({ slots, lengths }: TextColumn): TextSnapshot {
  return { slots, lengths };
}

function isStoredAt(chunks: readonly Buffer[], slot: TextSlot, bytes: Uint8Array): boolean {
  const offset = offsetOf(slot);
  return chunks[chunkOf(slot)]?.compare(bytes, 0, bytes.length, offset, offset + bytes.length) === 0;
}
