import type { SliceOptions } from '../../model/slices.ts';
import type { Snapshot } from '../table/series-table.ts';
import { type Format, lastLines } from '../table/text-format.ts';
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

export type Encoding = 'identity' | 'gzip';

/** Tables that are rendered together. */
export interface RenderedTables {
  /** Version number that increases with every change of any table. */
  version(): number;
  /** Returns one snapshot per table. All snapshots show the same moment. */
  snapshots(): readonly Snapshot[];
}

export interface Exposition {
  /** Rejects if the exporter's own metrics cannot be rendered. */
  scrape(wanted: { format: Format; encoding: Encoding }): Promise<Scrape>;
}

export interface Scrape {
  /** Version of the tables that the body shows; the body can be newer. */
  readonly version: number;
  /**
   * Read it to the end or call `return`. A chunk is valid until two more were requested: then it can be
   * overwritten.
   */
  readonly body: AsyncGenerator<Uint8Array, void, undefined>;
}

/** Compressed tables of one version, without the gzip header and the exporter's own metrics. */
interface CompressedTables {
  readonly version: number;
  /** Reads all chunks from the first on, also while later ones are still being compressed. */
  read(): AsyncGenerator<Uint8Array, void, undefined>;
  /** Valid after the last chunk was read. */
  sum(): GzipSum;
}

/**
 * Renders both formats, plain or as one gzip member: the tables first, then the exporter's own metrics. Plain
 * text is rendered per scrape in a few buffers. The compressed tables are cached, because compression costs
 * most, and shared by all scrapes of one version. The exporter's own metrics are rendered once per iteration
 * of the event loop.
 */
export function createExposition({
  tables,
  renderExporter,
  slices,
}: {
  tables: RenderedTables;
  renderExporter: (format: Format) => Promise<string>;
  slices: SliceOptions;
}): Exposition {
  const compressed = new Map<Format, CompressedTables>();
  const lastBytes = coalesce(
    async (format) => toLastBytes(Buffer.from((await renderExporter(format)) + lastLines[format])),
    slices.yieldNow,
  );

  async function* renderTables(format: Format) {
    const snapshots = tables.snapshots();
    try {
      yield* renderSnapshots(snapshots, { format, slices });
    } finally {
      for (const snapshot of snapshots) snapshot.release();
    }
  }

  const compressTables = (format: Format): CompressedTables => {
    const version = tables.version();
    for (const [key, tables] of compressed) if (tables.version !== version) compressed.delete(key);
    const known = compressed.get(format);
    if (known !== undefined) return known;
    let sum = emptySum;
    const read = replay(
      deflateChunks(renderTables(format), (total) => {
        sum = total;
      }),
    );
    const rendered = { version, read, sum: () => sum };
    compressed.set(format, rendered);
    // Completes even if every reader leaves, so that the snapshots are released. A failure reaches the
    // readers.
    void drain(read()).catch(() => {
      if (compressed.get(format) === rendered) compressed.delete(format);
    });
    return rendered;
  };

  async function* gzipMember({ read, sum }: CompressedTables, last: LastBytes) {
    yield gzipHeader;
    yield* read();
    yield gzipEnd(last, sum());
  }

  async function* plainText(format: Format, last: LastBytes) {
    yield* renderTables(format);
    yield last.plain;
  }

  return {
    async scrape({ format, encoding }) {
      const last = await lastBytes(format);
      if (encoding === 'identity') return { version: tables.version(), body: plainText(format, last) };
      const rendered = compressTables(format);
      return { version: rendered.version, body: gzipMember(rendered, last) };
    },
  };
}

/**
 * Reads `source` once and returns a function that replays it from the first item on, for any number of
 * readers.
 */
function replay<T>(source: AsyncGenerator<T, void, undefined>): () => AsyncGenerator<T, void, undefined> {
  const steps: Promise<IteratorResult<T, void>>[] = [];
  return async function* () {
    for (let i = 0; ; i++) {
      const step = steps[i] ?? source.next();
      steps[i] = step;
      const { done, value } = await step;
      if (done) return;
      yield value;
    }
  };
}

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

/**
 * Coalesces renders: returns one result to all callers of one iteration of the event loop and to those that
 * come during the render. prom-client cannot render in slices, so many scrapes at once would block the event
 * loop as often.
 */
function coalesce(
  render: (format: Format) => Promise<LastBytes>,
  yieldNow: SliceOptions['yieldNow'],
): (format: Format) => Promise<LastBytes> {
  const pending = new Map<Format, Promise<LastBytes>>();
  return (format) => {
    const known = pending.get(format);
    if (known !== undefined) return known;
    const rendering = render(format);
    pending.set(format, rendering);
    // A failure rejects for its callers only; the next scrape renders again.
    void Promise.allSettled([rendering, yieldNow()]).then(() => pending.delete(format));
    return rendering;
  };
}
