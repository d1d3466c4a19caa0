import type { SliceOptions } from '../../model/slices.ts';
import type { Snapshot } from '../table/series-table.ts';
import { type Format, lastLines } from '../table/text-format.ts';
import { deflateChunks, type GzipSum, gzipEnd, gzipHeader, type LastBytes, toLastBytes } from './gzip.ts';
import { renderSnapshots } from './render.ts';

/** Content encoding of a response body. */
export type Encoding = 'identity' | 'gzip';

/** Metric tables that are rendered together in one response. */
export interface RenderedTables {
  /** Returns a version number that increases with every change of any of the tables. */
  version(): number;
  /** Returns one snapshot (immutable view) per table. All snapshots are of the same moment. */
  snapshots(): readonly Snapshot[];
}

/** Combines several metric tables into one. The tables are rendered in the order of the argument. */
export function renderTogether(tables: readonly RenderedTables[]): RenderedTables {
  return {
    version: () => tables.reduce((sum, table) => sum + table.version(), 0),
    snapshots: () => tables.flatMap((table) => table.snapshots()),
  };
}

export type Exposition = ReturnType<typeof createExposition>;

/** Body of one response of /metrics, and the version of the tables in this body. */
interface Scrape {
  /**
   * Version of the tables that the body contains at least. A body that is rendered later can contain a newer
   * version.
   */
  readonly version: number;
  /**
   * Chunks of the body. Read the body to its end or call `return`. A chunk is valid until two more chunks
   * were requested: after that, its bytes can be overwritten.
   */
  readonly body: AsyncGenerator<Uint8Array, void, undefined>;
}

/**
 * Compressed text of the tables in one version, without the gzip header and without the exporter's own
 * metrics.
 */
interface CompressedTables {
  readonly version: number;
  /**
   * Returns all compressed chunks from the first chunk on, even while later chunks are still being
   * compressed.
   */
  read(): AsyncGenerator<Uint8Array, GzipSum, undefined>;
}

/**
 * Creates the renderer of /metrics. The body has the tables first and then the exporter's own metrics
 * (`renderExporter`), in either format, as plain text or as one gzip member. Plain text of the tables is
 * rendered for each scrape in a few buffers. Compressed text of the tables is cached, because compression
 * costs most, and all scrapes of one version share the cached text. The exporter's own metrics are rendered
 * once per iteration of the event loop.
 */
export function createExposition({
  tables,
  renderExporter,
  slices,
}: {
  tables: RenderedTables;
  renderExporter: (format: Format) => Promise<string>;
  slices: SliceOptions;
}) {
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
    const rendered = { version, read: replay(deflateChunks(renderTables(format))) };
    compressed.set(format, rendered);
    // Compress to the end even if every reader stops early, so that the snapshots are released. Readers
    // receive a failure themselves, so only remove the failed text from the cache here.
    void drain(rendered.read()).catch(() => {
      if (compressed.get(format) === rendered) compressed.delete(format);
    });
    return rendered;
  };

  async function* gzipMember({ read }: CompressedTables, last: LastBytes) {
    yield gzipHeader;
    const sum = yield* read();
    yield gzipEnd(last, sum);
  }

  async function* plainText(format: Format, last: LastBytes) {
    yield* renderTables(format);
    yield last.plain;
  }

  return {
    /** Returns the body of one response. Rejects if the exporter's own metrics cannot be rendered. */
    async scrape({ format, encoding }: { format: Format; encoding: Encoding }): Promise<Scrape> {
      const last = await lastBytes(format);
      if (encoding === 'identity') return { version: tables.version(), body: plainText(format, last) };
      const rendered = compressTables(format);
      return { version: rendered.version, body: gzipMember(rendered, last) };
    },
  };
}

/**
 * Returns a function that returns all items of `source` from the first item on, for any number of readers.
 * Each item of `source` is read only once.
 */
function replay<T, R>(source: AsyncGenerator<T, R, undefined>): () => AsyncGenerator<T, R, undefined> {
  const steps: Promise<IteratorResult<T, R>>[] = [];
  return async function* () {
    for (let i = 0; ; i++) {
      const step = steps[i] ?? source.next();
      steps[i] = step;
      const { done, value } = await step;
      if (done) return value;
      yield value;
    }
  };
}

/** Reads all items and ignores them. */
async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

/**
 * Coalesces renders: all callers in one iteration of the event loop, and all callers during a render, receive
 * the result of one render. Without coalescing, each of many simultaneous scrapes would block the event loop,
 * because prom-client cannot render in slices.
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
    // If the render fails, only its callers receive the error. The next scrape renders again.
    void Promise.allSettled([rendering, yieldNow()]).then(() => pending.delete(format));
    return rendering;
  };
}
