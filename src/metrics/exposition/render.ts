import { endianness } from 'node:os';
import type { SliceOptions } from '../../model/slices.ts';
import { numberMaxBytes, writeNumber } from '../table/number-text.ts';
import { labelsEnd, type PointSnapshot, type RowId, type Snapshot } from '../table/series-table.ts';
import { chunkOf, offsetOf } from '../table/text-arena.ts';
import { type Format, headText, lineName } from '../table/text-format.ts';
import { chunkBytes, type NewBuffer } from './buffer-pool.ts';

/** Looking at the clock costs more than a line does. */
const rowsPerLook = 256;

/**
 * The families of the snapshots as text, in a few large pieces of whole lines, each once all of it is written. A family
 * without a series has no head either. The pieces are made as they are asked for, and the last line is not in them.
 */
export async function* renderSnapshots(
  snapshots: readonly Snapshot[],
  { format, pace, newBuffer }: { format: Format; pace: SliceOptions; newBuffer: NewBuffer },
): AsyncGenerator<Uint8Array, void, undefined> {
  let chunk = newBuffer(chunkBytes);
  let at = 0;
  let sliceBegan = pace.elapsed();

  for (const { families, chunks } of snapshots) {
    const eights = chunks.map(inEights);
    for (const family of families) {
      if (family.points.every(({ count }) => count === 0)) continue;
      const head = Buffer.from(headText(family, format));
      if (at + head.length > chunk.length) {
        if (at > 0) yield chunk.subarray(0, at);
        chunk = newBuffer(Math.max(chunkBytes, head.length));
        at = 0;
      }
      chunk.set(head, at);
      at += head.length;

      for (const point of family.points) {
        if (point.count === 0) continue;
        const line = lineOf(lineName(family), point, eights);
        const rows = point.present.length;
        for (let row = 0; row < rows; ) {
          const look = Math.min(row + rowsPerLook, rows);
          const written = writeLines(line, { row, to: look }, chunk, at);
          row = written.row;
          at = written.at;
          if (row < look) {
            if (at > 0) yield chunk.subarray(0, at);
            chunk = newBuffer(Math.max(chunkBytes, line.bytesBesideLabels + labelBytes(point, row)));
            at = 0;
          }
          // By the clock, since an awaited reader can come back without a turn of the loop.
          if (pace.elapsed() - sliceBegan < pace.sliceMs) continue;
          await pace.yieldNow();
          sliceBegan = pace.elapsed();
        }
      }
    }
  }
  if (at > 0) yield chunk.subarray(0, at);
}

/** What the lines of one point have in common, and where they differ. */
interface Line {
  readonly before: Text;
  /** The point's own labels and what ends all labels, in place of the end that the row's label text has; undefined where it has no own. */
  readonly end: Text | undefined;
  /** At most. Those of the number are also the room for what a copy writes too many. */
  readonly bytesBesideLabels: number;
  readonly point: PointSnapshot;
  readonly chunks: readonly Float64Array[];
}

interface Text {
  readonly eights: Float64Array;
  readonly bytes: number;
}

function lineOf(name: string, point: PointSnapshot, chunks: readonly Float64Array[]): Line {
  const { ownLabels } = point;
  const before = toText(`${name}{`);
  const end = ownLabels === '' ? undefined : toText(`,${ownLabels}${labelsEnd}`);
  return {
    before,
    end,
    bytesBesideLabels: before.bytes + (end?.bytes ?? 0) + numberMaxBytes + 1,
    point,
    chunks,
  };
}

function toText(text: string): Text {
  const bytes = Buffer.from(text);
  const whole = new Uint8Array(Math.ceil(bytes.length / 8) * 8);
  whole.set(bytes);
  return { eights: inEights(whole), bytes: bytes.length };
}

/** Of bytes whose number is a multiple of eight, from an address that is one. */
function inEights({ buffer, byteOffset, byteLength }: Uint8Array): Float64Array {
  return new Float64Array(buffer, byteOffset, byteLength / 8);
}

/** Of this machine: eights that are read and written by it keep the order of their bytes. */
const isLittleEndian = endianness() === 'LE';

const newline = 0x0a;

/** Of all label texts of the row. */
function labelBytes({ texts, prefix }: PointSnapshot, row: RowId): number {
  return (texts.lengths[row] ?? 0) + (prefix?.lengths[row] ?? 0);
}

/** Writes the lines of the rows up to `to`, or up to the first that has no room. */
function writeLines(
  line: Line,
  { row, to }: { row: number; to: number },
  chunk: Uint8Array,
  at: number,
): { readonly row: number; readonly at: number } {
  const { before, end, bytesBesideLabels, point, chunks } = line;
  const { texts, prefix, values, present } = point;
  const lastAt = chunk.length - bytesBesideLabels;
  const cut = end === undefined ? 0 : labelsEnd.length;
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  for (; row < to; row++) {
    if (present[row] !== 1) continue;
    let length = texts.lengths[row] ?? 0;
    let place = texts.places[row] ?? 0;
    const firstLength = prefix === undefined ? 0 : (prefix.lengths[row] ?? 0);
    if (at + firstLength + length > lastAt) break;
    at = copyText(before.eights, 0, before.bytes, view, at);
    if (prefix !== undefined) {
      const firstPlace = prefix.places[row] ?? 0;
      const first = chunks[chunkOf(firstPlace)];
      if (length === 0) {
        // Nothing more: the beginning is all of it.
        length = firstLength;
        place = firstPlace;
      } else if (first !== undefined) {
        at = copyText(first, offsetOf(firstPlace), firstLength - labelsEnd.length, view, at);
      }
    }
    const labels = chunks[chunkOf(place)];
    if (labels !== undefined) at = copyText(labels, offsetOf(place), length - cut, view, at);
    if (end !== undefined) at = copyText(end.eights, 0, end.bytes, view, at);
    at = writeNumber(values[row] ?? 0, chunk, at);
    chunk[at++] = newline;
  }
  return { row, at };
}

/**
 * Copies a text and up to seven bytes behind it, which what follows on the line is written over, and returns where the
 * text ends. Eight bytes at a time, since for texts as short as these a call of `set` or `copy` takes twice as long. As
 * doubles: of those only a NaN might not be kept bit by bit, and its 0x7ff or 0xfff stands nowhere in UTF-8.
 */
function copyText(from: Float64Array, offset: number, bytes: number, to: DataView, at: number): number {
  const eights = (bytes + 7) >> 3;
  const first = offset >> 3;
  for (let i = 0; i < eights; i++) to.setFloat64(at + 8 * i, from[first + i] ?? 0, isLittleEndian);
  return at + bytes;
}
