import { deflatePieces, emptySum, type GzipSum, gzipEnd, gzipHeader } from './gzip.ts';
import { type NewPiece, type Pace, pieceBytes, renderSnapshots } from './render.ts';
import type { Snapshot } from './series-table.ts';
import { createSharedPieces, type SharedPieces } from './shared-pieces.ts';
import { type Format, lastLines } from './text-format.ts';

export type Encoding = 'identity' | 'gzip';

/** Tables that are drawn together, as one. */
export interface DrawnTables {
  /** Rises with every change of one of them. */
  version(): number;
  /** All of them at one moment. */
  snapshots(): readonly Snapshot[];
}

export interface Exposition {
  /** Rejects when the text behind the tables could not be drawn. */
  scrape(wanted: { format: Format; encoding: Encoding }): Promise<Scraped>;
}

export interface Scraped {
  /** The tables' version that the bytes show. */
  readonly version: number;
  /** To be read to the end, or ended by `return`. */
  readonly body: AsyncIterableIterator<Uint8Array>;
}

/** The tables in one format and encoding, without what stands behind them. */
interface Rendering {
  readonly version: number;
  readonly pieces: SharedPieces;
  /** Of gzip, once all pieces are made. */
  readonly sum: () => GzipSum;
}

/**
 * Both formats, plain or as one gzip member: the tables first, then what `drawRest` gives, drawn anew for each scrape.
 * A rendering of the tables is shared by all who scrape while their version stands.
 */
export function createExposition({
  tables,
  drawRest,
  pace,
}: {
  tables: DrawnTables;
  drawRest: (format: Format) => Promise<string>;
  pace: Pace;
}): Exposition {
  const kept = new Map<string, Rendering>();

  const dropOutdated = () => {
    const version = tables.version();
    for (const [key, rendering] of kept) {
      if (rendering.version === version && rendering.pieces.isUsable()) continue;
      rendering.pieces.close();
      kept.delete(key);
    }
  };

  const share = (format: Format, newPiece: NewPiece): SharedPieces => {
    const snapshots = tables.snapshots();
    return createSharedPieces(renderSnapshots(snapshots, { format, pace, newPiece }), () => {
      for (const snapshot of snapshots) snapshot.release();
    });
  };

  const renderings: Record<Encoding, (format: Format) => Rendering> = {
    identity: (format) => ({
      version: tables.version(),
      pieces: share(format, newBuffer),
      sum: () => emptySum,
    }),
    gzip(format) {
      // Kept plain pieces are read again; otherwise two buffers take turns, and only the compressed bytes are kept.
      const shared = kept.get(`identity ${format}`)?.pieces;
      const plain = shared ?? share(format, twoBuffersInTurn());
      const reader = plain.read();
      if (shared === undefined) plain.close();
      let sum = emptySum;
      const packed = deflatePieces(reader, (all) => {
        sum = all;
      });
      // A generator that never began does not end what it reads.
      const pieces = createSharedPieces(packed, () => void reader.return?.());
      return { version: tables.version(), pieces, sum: () => sum };
    },
  };

  return {
    async scrape({ format, encoding }) {
      const rest = Buffer.from((await drawRest(format)) + lastLines[format]);
      dropOutdated();
      const key = `${encoding} ${format}`;
      const rendering = kept.get(key) ?? renderings[encoding](format);
      kept.set(key, rendering);
      const reader = rendering.pieces.read();
      const body = encoding === 'gzip' ? gzipMember(reader, rendering.sum, rest) : plainText(reader, rest);
      return { version: rendering.version, body: endedAlways(body, reader, dropOutdated) };
    },
  };
}

const newBuffer: NewPiece = (leastBytes) => Buffer.allocUnsafeSlow(leastBytes);

function twoBuffersInTurn(): NewPiece {
  let [older, newer] = [newBuffer(pieceBytes), newBuffer(pieceBytes)];
  return (leastBytes) => {
    [older, newer] = [newer, older.length < leastBytes ? newBuffer(leastBytes) : older];
    return newer;
  };
}

async function* plainText(tables: AsyncIterable<Uint8Array>, rest: Uint8Array) {
  yield* tables;
  yield rest;
}

async function* gzipMember(tables: AsyncIterable<Uint8Array>, sum: () => GzipSum, rest: Uint8Array) {
  yield gzipHeader;
  yield* tables;
  yield gzipEnd(rest, sum());
}

/** A generator that never began does not end what it reads; this does. */
function endedAlways(
  body: AsyncGenerator<Uint8Array, void, undefined>,
  reader: AsyncIterableIterator<Uint8Array>,
  onStep: () => void,
): AsyncIterableIterator<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      onStep();
      return body.next();
    },
    async return() {
      await body.return();
      await reader.return?.();
      onStep();
      return { done: true, value: undefined };
    },
  };
}
