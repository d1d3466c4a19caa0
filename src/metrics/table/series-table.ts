import {
  makeTextWritable,
  newTextColumn,
  newValueColumn,
  setChanged,
  setValue,
  type TextColumn,
  type ValueColumn,
} from './columns.ts';
import type { Family } from './family.ts';
import { labelText } from './label-text.ts';
import { createSnapshotTexts } from './snapshot-texts.ts';
import { chunkOf, createTextArena, offsetOf, type TextSlot } from './text-arena.ts';
import type { Head } from './text-format.ts';

/**
 * End of every stored label text: the closing brace and a space. Storing it with the text saves one copy per
 * line.
 */
export const labelsEnd = '} ';

export { rangeRows } from './columns.ts';

/** Number of a table row. The number of a freed row is reused. */
export type RowId = number;

export type SeriesTable<Text extends string> = ReturnType<typeof createSeriesTable<Text>>;

/** Immutable view of one version of a table. */
export interface Snapshot {
  /** Families in rendering order. */
  readonly families: readonly FamilySnapshot[];
  /** Chunks of the text arena that contain the label texts. */
  readonly chunks: readonly Buffer[];
  /** Ends the use of the snapshot. Call this method after the last read. */
  release(): void;
}

/** View of one family: its head (name, help and type) and its series. */
export interface FamilySnapshot extends Head {
  readonly points: readonly PointSnapshot[];
}

/** Label texts by row number. Each text is given by its slot in the text arena and its length in bytes. */
type TextSnapshot = Readonly<Pick<TextColumn, 'slots' | 'lengths' | 'changedIn'>>;

/**
 * Values and label texts of one point, by row number. A point is a series of a family that each row can have.
 */
export interface PointSnapshot extends Readonly<Omit<ValueColumn, 'ownedSince'>> {
  /** Rendered labels that only this point has; empty if there are none. */
  readonly ownLabels: string;
  /** Label texts of the rows, without their prefix. */
  readonly texts: TextSnapshot;
  /**
   * Label texts that precede those of `texts` on the same row; undefined if there are none. With a prefix, a
   * text in `texts` can be empty.
   */
  readonly prefix: TextSnapshot | undefined;
}

/**
 * Creates a table with the metric series of many similar objects, such as streams, with one row per object.
 * Values are stored in flat arrays. A label text is stored as bytes, and several families of a row can share
 * it. A row has one label text for each key of `texts`. If text A always starts with text B, `prefixes` maps
 * the key of A to the key of B, and the common start is stored only once.
 */
export function createSeriesTable<Text extends string>(
  texts: Readonly<Record<Text, unknown>>,
  prefixes: Partial<Readonly<Record<NoInfer<Text>, NoInfer<Text>>>> = {},
) {
  const arena = createTextArena();
  const textColumns = new Map<string, TextColumn>(Object.keys(texts).map((text) => [text, newTextColumn()]));
  const columns: ValueColumn[] = [];
  /** Functions that return the snapshots of the families, in rendering order. */
  const familySnapshots: (() => FamilySnapshot)[] = [];
  const freeRows: RowId[] = [];
  /** Number of rows, including freed rows. */
  let rows = 0;
  let version = 0;
  const snapshots = createSnapshotTexts(arena.remove);

  const textColumnOf = (text: Text): TextColumn => {
    const column = textColumns.get(text);
    if (column === undefined) throw new Error(`no label text ${text} in this table`);
    return column;
  };

  /** Sets a value of a row. If the value changed, the table has a new version. */
  const set = (column: ValueColumn, row: RowId, value: number | undefined) => {
    if (setValue(column, row, value, snapshots)) setChanged(column, row, ++version);
  };

  /** Removes the label text of a row, if it has one. */
  const removeText = (column: TextColumn, row: RowId) => {
    if ((column.lengths[row] ?? 0) === 0) return;
    makeTextWritable(column, row, snapshots);
    column.lengths[row] = 0;
    snapshots.remove(column.slots[row] ?? 0, column.addedIn[row] ?? 0);
  };

  return {
    /**
     * Returns the version of the table, which increases with every change. Setting a value to an equal value
     * is not a change.
     */
    version: () => version,
    /**
     * Adds families. They are rendered in the order in which they were added. Returns a function that sets
     * all values of these families on a row, reading them from a source object. If the source is undefined,
     * the function removes the series of these families from the row.
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
    /** Adds a row without series and returns its number. */
    addRow: (): RowId => freeRows.pop() ?? rows++,
    /** Removes all series and label texts of the row. The number of the row can then be reused. */
    freeRow(row: RowId) {
      for (const column of columns) set(column, row, undefined);
      for (const column of textColumns.values()) removeText(column, row);
      freeRows.push(row);
    },
    /**
     * Sets the label text `text` of the row. Call this method before setting the first value of a family with
     * this label text. If the text has a prefix, pass only the labels that follow the prefix.
     */
    setText(row: RowId, text: Text, labels: Readonly<Record<string, string>>) {
      const column = textColumnOf(text);
      const own = labelText(labels);
      const hasPrefix = prefixes[text] !== undefined;
      const bytes = Buffer.from(hasPrefix ? own && `,${own}${labelsEnd}` : own + labelsEnd);
      const length = column.lengths[row] ?? 0;
      if (length === bytes.length && isStoredAt(arena.chunks, column.slots[row] ?? 0, bytes)) return;
      removeText(column, row);
      makeTextWritable(column, row, snapshots);
      if (bytes.length > 0) column.slots[row] = arena.add(bytes);
      column.lengths[row] = bytes.length;
      column.addedIn[row] = snapshots.epoch();
      setChanged(column, row, ++version);
    },
    /**
     * Returns an immutable view of the current version, in an array as `renderTogether` requires. Until the
     * view is released, a column is copied before it is changed (copy-on-write).
     */
    snapshots(): readonly [Snapshot] {
      const release = snapshots.open();
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
  const { values, present, count, changedIn } = column;
  return {
    ownLabels,
    values,
    present,
    count,
    changedIn: [...changedIn],
    texts: toTextSnapshot(texts),
    prefix: prefix && toTextSnapshot(prefix),
  };
}

function toTextSnapshot({ slots, lengths, changedIn }: TextColumn): TextSnapshot {
  return { slots, lengths, changedIn: [...changedIn] };
}

/** Reports whether the text arena contains exactly `bytes` at the slot. */
function isStoredAt(chunks: readonly Buffer[], slot: TextSlot, bytes: Uint8Array): boolean {
  const offset = offsetOf(slot);
  return chunks[chunkOf(slot)]?.compare(bytes, 0, bytes.length, offset, offset + bytes.length) === 0;
}
