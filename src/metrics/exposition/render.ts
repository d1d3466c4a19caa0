import { endianness } from 'node:os';
import type { SliceOptions } from '../../model/slices.ts';
import { numberMaxBytes, writeNumber } from '../table/number-text.ts';
import { labelsEnd, type PointSnapshot, type RowId, type Snapshot } from '../table/series-table.ts';
import { chunkOf, offsetOf } from '../table/text-arena.ts';
import { type Format, headText, lineName } from '../table/text-format.ts';

/**
 * Large enough that the number of chunks costs nothing, small enough for a few of them to wait for the
 * network.
 */
export const chunkBytes = 512 * 1024;

/** Reading the clock costs more than rendering a line. */
const rowsPerClockRead = 256;

/**
 * Renders the families of the snapshots as text, in chunks of whole lines, without the last line of the
 * format. Omits the head of a family without series. A chunk is valid until two more were requested: then its
 * buffer is reused.
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
          // Measure the slice by the clock: a reader can resume without an iteration of the event loop.
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
 * Double buffering: returns a function that returns two buffers in turn, since fresh memory costs more than
 * to fill it. Returns a new buffer if these are too small.
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

/** One point of a family: the constant parts of its lines, and the columns of the other parts. */
interface Line {
  readonly start: Text;
  /** Replaces the end of the row's label text by the point's own labels; undefined without own labels. */
  readonly end: Text | undefined;
  /** Includes the maximum length of a number, which also leaves space for the excess bytes of `copyText`. */
  readonly maxBytesBesideLabels: number;
  readonly point: PointSnapshot;
  readonly textChunks: readonly Float64Array[];
}

/** Bytes as doubles, padded to a multiple of eight. */
interface Text {
  readonly doubles: Float64Array;
  readonly bytes: number;
}

function toLine(name: string, point: PointSnapshot, textChunks: readonly Float64Array[]): Line {
  const { ownLabels } = point;
  const start = toText(`${name}{`);
  const end = ownLabels === '' ? undefined : toText(`,${ownLabels}${labelsEnd}`);
  const maxBytesBesideLabels = start.bytes + (end?.bytes ?? 0) + numberMaxBytes + 1;
  return { start, end, maxBytesBesideLabels, point, textChunks };
}

function toText(text: string): Text {
  const bytes = Buffer.from(text);
  const padded = new Uint8Array(Math.ceil(bytes.length / 8) * 8);
  padded.set(bytes);
  return { doubles: asDoubles(padded), bytes: bytes.length };
}

/** Both the address and the length must be multiples of eight. */
function asDoubles({ buffer, byteOffset, byteLength }: Uint8Array): Float64Array {
  return new Float64Array(buffer, byteOffset, byteLength / 8);
}

/** Doubles that are read and written in the byte order of this machine keep the order of their bytes. */
const isLittleEndian = endianness() === 'LE';

const newline = 0x0a;

function labelBytes({ texts, prefix }: PointSnapshot, row: RowId): number {
  return (texts.lengths[row] ?? 0) + (prefix?.lengths[row] ?? 0);
}

/** Writes the lines of the rows before `end`, up to the first line that does not fit. */
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
        // The prefix is the whole text.
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
 * Copies a text and returns the position after it. Copies up to seven excess bytes, which the rest of the
 * line overwrites. Eight bytes at a time are twice as fast as `set` or `copy` for such short texts. Doubles
 * keep all bits except those of a NaN, whose bytes 0x7ff or 0xfff do not occur in UTF-8.
 */
function copyText(from: Float64Array, offset: number, bytes: number, to: DataView, at: number): number {
  const count = (bytes + 7) >> 3;
  const first = offset >> 3;
  for (let i = 0; i < count; i++) to.setFloat64(at + 8 * i, from[first + i] ?? 0, isLittleEndian);
  return at + bytes;
}
