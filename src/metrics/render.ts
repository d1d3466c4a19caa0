import { numberMaxBytes, writeNumber } from './number-text.ts';
import { type NewPiece, pieceBytes } from './piece-pool.ts';
import { labelsEnd, type PointSnapshot, type Snapshot } from './series-table.ts';
import { chunkOf, offsetOf } from './text-arena.ts';
import { type Format, headText, lineName } from './text-format.ts';

/** How long a rendering may hold the event loop, by which clock, and how it lets go. */
export interface Pace {
  readonly sliceMs: number;
  /** Milliseconds on a clock that only goes forward. */
  elapsed(): number;
  /** Resolves after a turn of the event loop. */
  turn(): Promise<void>;
}

/** Looking at the clock costs more than a line does. */
const rowsPerLook = 256;

/**
 * The families of the snapshots as text, in a few large pieces of whole lines, each once all of it is written. A family
 * without a series has no head either. The pieces are made as they are asked for, and the last line is not in them.
 */
export async function* renderSnapshots(
  snapshots: readonly Snapshot[],
  { format, pace, newPiece }: { format: Format; pace: Pace; newPiece: NewPiece },
): AsyncGenerator<Uint8Array, void, undefined> {
  let piece = newPiece(pieceBytes);
  let at = 0;
  let sliceBegan = pace.elapsed();

  for (const { families, chunks } of snapshots) {
    for (const family of families) {
      if (family.points.every(({ count }) => count === 0)) continue;
      const head = Buffer.from(headText(family, format));
      if (at + head.length > piece.length) {
        if (at > 0) yield piece.subarray(0, at);
        piece = newPiece(Math.max(pieceBytes, head.length));
        at = 0;
      }
      piece.set(head, at);
      at += head.length;

      for (const point of family.points) {
        if (point.count === 0) continue;
        const line = lineOf(lineName(family), point, chunks);
        const rows = point.present.length;
        for (let row = 0; row < rows; ) {
          const look = Math.min(row + rowsPerLook, rows);
          const written = writeLines(line, { row, to: look }, piece, at);
          row = written.row;
          at = written.at;
          if (row < look) {
            if (at > 0) yield piece.subarray(0, at);
            piece = newPiece(Math.max(pieceBytes, lineBytes(line, row)));
            at = 0;
          }
          // By the clock, since an awaited reader can come back without a turn of the loop.
          if (pace.elapsed() - sliceBegan < pace.sliceMs) continue;
          await pace.turn();
          sliceBegan = pace.elapsed();
        }
      }
    }
  }
  if (at > 0) yield piece.subarray(0, at);
}

/** What the lines of one point have in common, and where they differ. */
interface Line {
  readonly before: Uint8Array;
  /** The point's own labels and what ends all labels, in place of the end that the row's label text has; undefined where it has no own. */
  readonly end: Uint8Array | undefined;
  readonly point: PointSnapshot;
  readonly chunks: readonly Buffer[];
}

function lineOf(name: string, point: PointSnapshot, chunks: readonly Buffer[]): Line {
  const { ownLabels } = point;
  return {
    before: Buffer.from(`${name}{`),
    end: ownLabels === '' ? undefined : Buffer.from(`,${ownLabels}${labelsEnd}`),
    point,
    chunks,
  };
}

const newline = 0x0a;

function lineBytes({ before, end, point }: Line, row: number): number {
  return before.length + (point.lengths[row] ?? 0) + (end?.length ?? 0) + numberMaxBytes + 1;
}

/** Writes the lines of the rows up to `to`, or up to the first that has no room. */
function writeLines(
  line: Line,
  { row, to }: { row: number; to: number },
  piece: Uint8Array,
  at: number,
): { readonly row: number; readonly at: number } {
  const { before, end, point, chunks } = line;
  const cut = end === undefined ? 0 : labelsEnd.length;
  const { places, lengths, values, present } = point;
  for (; row < to; row++) {
    if (present[row] !== 1) continue;
    if (at + lineBytes(line, row) > piece.length) break;
    const place = places[row] ?? 0;
    const offset = offsetOf(place);
    const offsetEnd = offset + (lengths[row] ?? 0) - cut;
    piece.set(before, at);
    at += before.length;
    // `copy` and not `set`, which would leave a view to be collected behind each line.
    at += chunks[chunkOf(place)]?.copy(piece, at, offset, offsetEnd) ?? 0;
    if (end !== undefined) {
      piece.set(end, at);
      at += end.length;
    }
    at = writeNumber(values[row] ?? 0, piece, at);
    piece[at++] = newline;
  }
  return { row, at };
}
