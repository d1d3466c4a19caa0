import { endianness } from 'node:os';
import type { SliceOptions } from '../../model/slices.ts';
import { numberMaxBytes, writeNumber } from '../table/number-text.ts';
import { labelsEnd, type PointSnapshot, type RowId, type Snapshot } from '../table/series-table.ts';
import { chunkOf, offsetOf } from '../table/text-arena.ts';
import { type Format, headText, lineName } from '../table/text-format.ts';

/**
 * Size of a chunk of rendered text, in bytes. It is large enough that the cost per chunk is negligible, and
 * small enough that a few chunks can wait in memory for the network.
 */
export const chunkBytes = 512 * 1024;

/**
 * Number of rows that are rendered between two clock reads. Reading the clock costs more than rendering a
 * line.
 */
const rowsPerClockRead = 256;

/**
 * Renders the metric families of the snapshots as text, in chunks of whole lines, without the last line of
 * the format. Omits the head (HELP and TYPE lines) of a family without series. Yields to the event loop after
 * each slice. A chunk is valid until two more chunks were requested: after that, its buffer is used again.
 */
export async function* renderSnapshots(
  snapshots: readonly Snapshot[],
  { format, slices }: { format: Format; slices: SliceOptions },
): AsyncGenerator<Uint8Array, void, undefined> {
  const nextBuffer = createDoubleBuffer();
  let chunk = nextBuffer(chunkBytes);
  let at = 0;
  let sliceStart = slices.elapsed();

  for (const { families, chunks } of snapshots) {
    const textChunks = chunks.map(asDoubles);
    for (const family of families) {
      if (family.points.every(({ count }) => count === 0)) continue;
      const head = Buffer.from(headText(family, format));
      if (at + head.length > chunk.length) {
        if (at > 0) yield chunk.subarray(0, at);
        chunk = nextBuffer(head.length);
        at = 0;
      }
      chunk.set(head, at);
      at += head.length;

      for (const point of family.points) {
        if (point.count === 0) continue;
        const line = toLine(lineName(family), point, textChunks);
        const rows = point.present.length;
        for (let row = 0; row < rows; ) {
          const end = Math.min(row + rowsPerClockRead, rows);
          const written = writeLines(line, { row, end }, chunk, at);
          row = written.row;
          at = written.at;
          if (row < end) {
            if (at > 0) yield chunk.subarray(0, at);
            chunk = nextBuffer(line.maxBytesBesideLabels + labelBytes(point, row));
            at = 0;
          }
          // Measure the length of the slice with the clock and not per chunk, because a reader can request
          // the next chunk without an iteration of the event loop in between.
          if (slices.elapsed() - sliceStart < slices.sliceMs) continue;
          await slices.yieldNow();
          sliceStart = slices.elapsed();
        }
      }
    }
  }
  if (at > 0) yield chunk.subarray(0, at);
}

/**
 * Creates a double buffer: a function that alternately returns one of two buffers, because allocating memory
 * costs more than filling a buffer. If more than `chunkBytes` are needed, the function returns a new buffer.
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
 * Prepares the lines of one point of a family (a series that each row can have): the constant parts of the
 * lines, and the columns with the parts that depend on the row.
 */
function toLine(name: string, point: PointSnapshot, textChunks: readonly Float64Array[]) {
  const { ownLabels } = point;
  const start = toText(`${name}{`);
  /**
   * Text written instead of the end of the row's label text, to append the point's own labels; undefined if
   * the point has no own labels.
   */
  const end = ownLabels === '' ? undefined : toText(`,${ownLabels}${labelsEnd}`);
  /**
   * Maximum length of a line without the row's label text, in bytes. Includes the maximum length of a number,
   * which also leaves space for the excess bytes that `copyText` writes.
   */
  const maxBytesBesideLabels = start.bytes + (end?.bytes ?? 0) + numberMaxBytes + 1;
  return { start, end, maxBytesBesideLabels, point, textChunks };
}

/**
 * Returns the UTF-8 bytes of a text as doubles, padded to a multiple of eight bytes, and their number without
 * the padding.
 */
function toText(text: string) {
  const bytes = Buffer.from(text);
  const padded = new Uint8Array(Math.ceil(bytes.length / 8) * 8);
  padded.set(bytes);
  return { doubles: asDoubles(padded), bytes: bytes.length };
}

/** Returns a view of the bytes as doubles. Their address and their number must be multiples of eight. */
function asDoubles({ buffer, byteOffset, byteLength }: Uint8Array): Float64Array {
  return new Float64Array(buffer, byteOffset, byteLength / 8);
}

/**
 * Byte order of this machine. If doubles are read and written in this order, their bytes keep their order.
 */
const isLittleEndian = endianness() === 'LE';

const newline = 0x0a;

/** Returns the length of a row's label text including its prefix, in bytes. */
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
        // The row has no text besides the prefix: write the prefix with its end as the whole text.
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
 * Copies `bytes` bytes of a text at `offset` to the position `at` and returns the position after the text.
 * Also copies up to seven excess bytes, which the rest of the line overwrites. For such short texts, copying
 * eight bytes at a time is twice as fast as `set` or `copy`. A double keeps all its bits when it is copied,
 * unless it is a NaN. The bytes of a NaN, 0x7ff or 0xfff, do not occur in UTF-8.
 */
function copyText(from: Float64Array, offset: number, bytes: number, to: DataView, at: number): number {
  const count = (bytes + 7) >> 3;
  const first = offset >> 3;
  for (let i = 0; i < count; i++) to.setFloat64(at + 8 * i, from[first + i] ?? 0, isLittleEndian);
  return at + bytes;
}
