import type { SliceOptions } from '../../model/slices.ts';
import type { Snapshot } from '../table/series-table.ts';
import { type Format, lastLines } from '../table/text-format.ts';
import { createBufferPool } from './buffer-pool.ts';
import {
  deflateChunks,
  emptySum,
  type GzipSum,
  gzipEnd,
  gzipHeader,
  type LastBytes,
  toLastBytes,
} from './gzip.ts';
import { renderSnapshots } from './render.ts';
import { type ChunkReader, createSharedChunks, type SharedChunks } from './shared-chunks.ts';

export type Encoding = 'identity' | 'gzip';

/** Tables that are drawn together, as one. */
export interface RenderedTables {
  /** Rises with every change of one of them. */
  version(): number;
  /** All of them at one moment. */
  snapshots(): readonly Snapshot[];
}

export interface Exposition {
  /** Rejects when the text behind the tables could not be drawn. */
  scrape(wanted: { format: Format; encoding: Encoding }): Promise<Scrape>;
}

export interface Scrape {
  /** The tables' version that the bytes show. */
  readonly version: number;
  /** To be read to the end, or ended by `return`. A piece may be read until two more were asked for: then it may be written over. */
  readonly body: AsyncIterableIterator<Uint8Array>;
}

/** The tables in one format and encoding, without what stands behind them. */
interface Rendering {
  readonly version: number;
  readonly chunks: SharedChunks;
  /** Of gzip, once all pieces are made. */
  readonly sum: () => GzipSum;
}

/**
 * 4 MiB of plain text, about 25,000 series. A larger one is sooner drawn again than held, since it then takes turns in a
 * few pieces that stay in the processor's cache; and hardly anybody asks for it: Prometheus takes gzip.
 */
const mostKeptPieces = 8;

/**
 * Both formats, plain or as one gzip member: the tables first, then what `drawRest` gives, drawn anew for each turn of
 * the loop in which somebody scrapes. A rendering of the tables is shared by all who scrape while their version stands.
 */
export function createExposition({
  tables,
  renderExporter,
  pace,
}: {
  tables: RenderedTables;
  renderExporter: (format: Format) => Promise<string>;
  pace: SliceOptions;
}): Exposition {
  const kept = new Map<string, Rendering>();
  const pool = createBufferPool(mostKeptPieces);
  const lastBytes = drawnTogether(
    async (format) => toLastBytes(Buffer.from((await renderExporter(format)) + lastLines[format])),
    pace.yieldNow,
  );

  const dropOutdated = () => {
    const version = tables.version();
    for (const [key, rendering] of kept) {
      if (rendering.version === version && rendering.chunks.isUsable()) continue;
      rendering.chunks.close();
      kept.delete(key);
    }
  };

  const drawTables = (format: Format, mostKept: number): SharedChunks => {
    const snapshots = tables.snapshots();
    return createSharedChunks({
      source: renderSnapshots(snapshots, { format, pace, newBuffer: pool.take }),
      release() {
        for (const snapshot of snapshots) snapshot.release();
      },
      recycle: pool.give,
      mostKept,
    });
  };

  const renderings: Record<Encoding, (format: Format) => Rendering> = {
    identity: (format) => ({
      version: tables.version(),
      chunks: drawTables(format, mostKeptPieces),
      sum: () => emptySum,
    }),
    gzip(format) {
      // Kept plain pieces are read again; otherwise only the compressed bytes are kept.
      const kept = plainOf(format);
      const plain = kept ?? drawTables(format, 0);
      const reader = plain.read();
      if (kept === undefined) plain.close();
      let sum = emptySum;
      const packed = deflateChunks(reader, (all) => {
        sum = all;
      });
      const chunks = createSharedChunks({ source: packed, release: () => void reader.return() });
      return { version: tables.version(), chunks, sum: () => sum };
    },
  };

  const plainOf = (format: Format): SharedChunks | undefined => {
    const chunks = kept.get(keyOf('identity', format))?.chunks;
    return chunks?.isUsable() ? chunks : undefined;
  };

  return {
    async scrape({ format, encoding }) {
      const rest = await lastBytes(format);
      dropOutdated();
      const key = keyOf(encoding, format);
      const rendering = kept.get(key) ?? renderings[encoding](format);
      kept.set(key, rendering);
      const reader = rendering.chunks.read();
      const body = encoding === 'gzip' ? gzipMember(reader, rendering.sum, rest) : plainText(reader, rest);
      return { version: rendering.version, body: endedAlways(body, reader, dropOutdated) };
    },
  };
}

/**
 * One drawing for all who ask in the same turn of the loop, or while it is under way: it can't be drawn in slices, so
 * for many scrapes at once it would hold the loop as often.
 */
function drawnTogether(
  draw: (format: Format) => Promise<LastBytes>,
  turn: SliceOptions['yieldNow'],
): (format: Format) => Promise<LastBytes> {
  const drawings = new Map<Format, Promise<LastBytes>>();
  return (format) => {
    const known = drawings.get(format);
    if (known !== undefined) return known;
    const drawing = draw(format);
    drawings.set(format, drawing);
    // Whoever asked is told when it fails; the next one draws anew.
    void Promise.allSettled([drawing, turn()]).then(() => drawings.delete(format));
    return drawing;
  };
}

function keyOf(encoding: Encoding, format: Format): string {
  return `${encoding} ${format}`;
}

async function* plainText(tables: AsyncIterable<Uint8Array>, rest: LastBytes) {
  yield* tables;
  yield rest.plain;
}

async function* gzipMember(tables: AsyncIterable<Uint8Array>, sum: () => GzipSum, rest: LastBytes) {
  yield gzipHeader;
  yield* tables;
  yield gzipEnd(rest, sum());
}

/** A generator that never began does not end what it reads; this does. So it does when the end was told: by then all but the rest is sent. */
function endedAlways(
  body: AsyncGenerator<Uint8Array, void, undefined>,
  reader: ChunkReader,
  onStep: () => void,
): AsyncIterableIterator<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      onStep();
      const step = await body.next();
      if (step.done) await reader.return();
      return step;
    },
    async return() {
      await body.return();
      await reader.return();
      onStep();
      return { done: true, value: undefined };
    },
  };
}
