import { endianness } from 'node:os';
import type { SliceOptions } from '../../model/slices.ts';
import { numberMaxBytes, writeNumber } from '../table/number-text.ts';
import { labelsEnd, type PointSnapshot, type RowId, type Snapshot } from '../table/series-table.ts';
import { chunkOf, offsetOf } from '../table/text-arena.ts';
import { type Format, headText, lineName } from '../table/text-format.ts';
import { type Part, toSections } from './sections.ts';

/**
 * Size in bytes of a chunk of rendered text. The size is large enough that the cost per chunk is negligible,
 * and that a section of lines of normal length fits. It is small enough that a few chunks can wait in memory for the
 * network.
 */
export const chunkBytes = 768 * 1024;

/**
 * Number of rows that are rendered between two reads of the clock, because a read costs more than rendering
 * one line.
 */
const rowsPerClockRead = 256;

/**
 * Renders the metric families of the snapshots as text, in chunks of whole lines. Omits the last line of the
 * format, and the head (HELP and TYPE lines) of each family without series. Yields to the event loop after
 * each slice. A chunk is valid only until the second chunk after it is requested, because its buffer is then
 * overwritten.
 */
export async function* renderSnapshots(
  snapshots: readonly Snapshot[],
  options: RenderOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const render = createRenderer(options);
  yield* render(toSections(snapshots).flatMap(({ parts }) => parts));
}

interface RenderOptions {
  readonly format: Format;
  readonly slices: SliceOptions;
}

/**
 * Creates a function that renders parts of the text like `renderSnapshots`. The chunks of all its calls share the
 * buffers, so render the parts one after the other.
 */
export function createRenderer({ format, slices }: RenderOptions) {
  const nextBuffer = createDoubleBuffer();
  const textChunksOf = createTextChunks();
  let sliceStart = slices.elapsed();
  /** Buffer for the next chunk; undefined if the reader of the last chunk still uses it. */
  let unused: Uint8Array | undefined;

  return async function* (parts: readonly Part[]): AsyncGenerator<Uint8Array, void, undefined> {
    let chunk = unused ?? nextBuffer(chunkBytes);
    let at = 0;
    for (const { snapshot, family, point, hasHead, fromRow, toRow } of parts) {
      const head = hasHead ? Buffer.from(headText(family, format)) : noHead;
      if (at + head.length > chunk.length) {
        if (at > 0) yield chunk.subarray(0, at);
        chunk = nextBuffer(head.length);
        at = 0;
      }
      chunk.set(head, at);
      at += head.length;

      const line = toLine(lineName(family), point, textChunksOf(snapshot));
      for (let row = fromRow; row < toRow; ) {
        const end = Math.min(row + rowsPerClockRead, toRow);
        const written = writeLines(line, { row, end }, chunk, at);
        row = written.row;
        at = written.at;
        if (row < end) {
          if (at > 0) yield chunk.subarray(0, at);
          chunk = nextBuffer(line.maxBytesBesideLabels + labelBytes(point, row));
          at = 0;
        }
        // Let the clock and not the chunks determine the end of a slice: a reader can request the next
        // chunk in the same iteration of the event loop.
        if (slices.elapsed() - sliceStart < slices.sliceMs) continue;
        await slices.yieldNow();
        sliceStart = slices.elapsed();
      }
    }
    // Without text, the next call must get the same buffer: the reader can still use the other one.
    unused = at > 0 ? undefined : chunk;
    if (at > 0) yield chunk.subarray(0, at);
  };
}

const noHead = Buffer.alloc(0);

/** Creates a function that returns the label texts of a snapshot as doubles. It creates them once per snapshot. */
function createTextChunks(): (snapshot: Snapshot) => readonly Float64Array[] {
  const known = new Map<Snapshot, readonly Float64Array[]>();
  return (snapshot) => {
    const textChunks = known.get(snapshot) ?? snapshot.chunks.map(asDoubles);
    known.set(snapshot, textChunks);
    return textChunks;
  };
}

/**
 * Creates a double buffer: a function that returns one of two buffers in turn, because allocating a buffer
 * costs more than filling it. If more than `chunkBytes` are needed, the function returns a new buffer.
 */
function createDoubleBuffer(): (minBytes: number) => Uint8Array {
  let next: Uint8Array | undefined;
  let other: Uint8Array | undefined;
  return (minBytes) => {
    if (minBytes > chunkBytes) return Buffer.allocUnsafeSlow(minBytes);
    const buffer = next ?? Buffer.allocUnsafeSlow(chunkBytes);
    [next, other] = [other, buffer];
    return buffer;
  };
}

type Line = ReturnType<typeof toLine>;

/**
 * Prepares the lines of one point of a family. A point is a series that each row of the table can have. The
 * result contains the constant parts of the lines, and the columns from which the other parts come.
 */
function toLine(name: string, point: PointSnapshot, textChunks: readonly Float64Array[]) {
  const { ownLabels } = point;
  const start = toText(`${name}{`);
  /**
   * Text that replaces the end of the row's label text, so that the labels of the point follow those of the
   * row; undefined if the point has no labels.
   */
  const end = ownLabels === '' ? undefined : toText(`,${ownLabels}${labelsEnd}`);
  /**
   * Maximum length in bytes of a line without the label text of its row. The maximum length of a number
   * leaves enough space for the excess bytes that `copyText` writes.
   */
  const maxBytesBesideLabels = start.bytes + (end?.bytes ?? 0) + numberMaxBytes + 1;
  return { start, end, maxBytesBesideLabels, point, textChunks };
}

/**
 * Returns the UTF-8 bytes of a text as doubles, padded to a multiple of eight bytes, and the number of bytes
 * without the padding.
 */
function toText(text: string) {
  const bytes = Buffer.from(text);
  const padded = new Uint8Array(Math.ceil(bytes.length / 8) * 8);
  padded.set(bytes);
  return { doubles: asDoubles(padded), bytes: bytes.length };
}

/**
 * Returns a view of the bytes as doubles. The address and the number of the bytes must be multiples of eight.
 */
function asDoubles({ buffer, byteOffset, byteLength }: Uint8Array): Float64Array {
  return new Float64Array(buffer, byteOffset, byteLength / 8);
}

/**
 * Byte order of this machine. Reading and writing doubles in this order does not change the order of their
 * bytes.
 */
const isLittleEndian = endianness() === 'LE';

const newline = 0x0a;

/** Returns the length in bytes of the label text of a row, including its prefix. */
function labelBytes({ texts, prefix }: PointSnapshot, row: RowId): number {
  return (texts.lengths[row] ?? 0) + (prefix?.lengths[row] ?? 0);
}

/**
 * Writes the lines of the rows from `row` to `end` (exclusive) into the chunk at position `at`. Stops before
 * the first line that does not fit. Returns the next row and the position after the last written line.
 */
function writeLines(
  line: Line,
  { row, end: endRow }: { row: number; end: number },
  chunk: Uint8Array,
  at: number,
): { readonly row: number; readonly at: number } {
  const { start, end, maxBytesBesideLabels, point, textChunks } = line;
  const { texts, prefix, values, present } = point;
  const maxAt = chunk.length - maxBytesBesideLabels;
  const omittedBytes = end === undefined ? 0 : labelsEnd.length;
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  for (; row < endRow; row++) {
    if (present[row] !== 1) continue;
    let length = texts.lengths[row] ?? 0;
    let slot = texts.slots[row] ?? 0;
    const prefixLength = prefix === undefined ? 0 : (prefix.lengths[row] ?? 0);
    if (at + prefixLength + length > maxAt) break;
    at = copyText(start.doubles, 0, start.bytes, view, at);
    if (prefix !== undefined) {
      const prefixSlot = prefix.slots[row] ?? 0;
      const prefixChunk = textChunks[chunkOf(prefixSlot)];
      if (length === 0) {
        // The row has only the prefix, so write the prefix including its closing brace.
        length = prefixLength;
        slot = prefixSlot;
      } else if (prefixChunk !== undefined) {
        at = copyText(prefixChunk, offsetOf(prefixSlot), prefixLength - labelsEnd.length, view, at);
      }
    }
    const labels = textChunks[chunkOf(slot)];
    if (labels !== undefined) at = copyText(labels, offsetOf(slot), length - omittedBytes, view, at);
    if (end !== undefined) at = copyText(end.doubles, 0, end.bytes, view, at);
    at = writeNumber(values[row] ?? 0, chunk, at);
    chunk[at++] = newline;
  }
  return { row, at };
}

/**
 * Copies `bytes` bytes of a text, from `offset` to the position `at`, and returns the position after the
 * text. Copies eight bytes at a time, as doubles, which is twice as fast as `set` or `copy` for such short
 * texts. Thus up to seven excess bytes are written; the rest of the line overwrites them. Copying a double
 * keeps all its bits unless it is a NaN. On a little-endian machine, UTF-8 text cannot form a NaN: a byte of
 * at least 0xf0 followed by 0x7f or 0xff is not valid UTF-8.
 */
function copyText(from: Float64Array, offset: number, bytes: number, to: DataView, at: number): number {
  const count = (bytes + 7) >> 3;
  const first = offset >> 3;
  for (let i = 0; i < count; i++) to.setFloat64(at + 8 * i, from[first + i] ?? 0, isLittleEndian);
  return at + bytes;
}
