import type { SliceOptions } from '../../model/slices.ts';
import type { Snapshot } from '../table/series-table.ts';
import { type Format, lastLines } from '../table/text-format.ts';
import {
  type Deflated,
  deflateAll,
  emptySum,
  type GzipSum,
  gzipEnd,
  gzipHeader,
  joinSums,
  type LastBytes,
  toLastBytes,
} from './gzip.ts';
import { createRenderer, renderSnapshots } from './render.ts';
import { toSections } from './sections.ts';

/** Content encoding of a response body. */
export type Encoding = 'identity' | 'gzip';

/** Metric tables that one response contains. */
export interface RenderedTables {
  /** Returns a number that increases with every change of any table. */
  version(): number;
  /** Returns one snapshot (immutable view) per table, all of the same moment. */
  snapshots(): readonly Snapshot[];
}

/** Combines several sets of metric tables. The tables are rendered in the order of the list. */
export function renderTogether(tables: readonly RenderedTables[]): RenderedTables {
  return {
    version: () => tables.reduce((sum, table) => sum + table.version(), 0),
    snapshots: () => tables.flatMap((table) => table.snapshots()),
  };
}

export type Exposition = ReturnType<typeof createExposition>;

/** Body of one response to /metrics, and the version of the tables that the body contains. */
interface Scrape {
  /**
   * Minimum version of the tables in the body. If the tables change before the body is rendered, the body
   * contains a newer version.
   */
  readonly version: number;
  /**
   * Chunks of the body. Read the body to its end or call `return`. A chunk is valid only until the second
   * chunk after it is requested, because its buffer is then overwritten.
   */
  readonly body: AsyncGenerator<Uint8Array, void, undefined>;
}

/**
 * Compressed text of one version of the tables, without the gzip header and without the exporter's own
 * metrics.
 */
interface CompressedTables {
  readonly version: number;
  /**
   * Returns the compressed chunks, starting with the first one. Can be called by many readers, even while
   * later chunks are still being compressed.
   */
  read(): AsyncGenerator<Uint8Array, GzipSum, undefined>;
}

/**
 * Creates the renderer of /metrics. The body contains the tables, then the exporter's own metrics
 * (`renderExporter`). It is in either format, as plain text or as one gzip member. Plain text of the tables
 * is rendered again for each scrape, in a few buffers. Compressed text of the tables is cached and shared by
 * all scrapes of one version, because compression costs the most CPU. The exporter's own metrics are rendered
 * at most once per iteration of the event loop.
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
  /** Compressed sections of the last complete text of each format, by the key of the section. */
  const sections = new Map<Format, ReadonlyMap<string, Deflated>>();
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

  /** Compresses the tables. Reuses the compressed sections of the last text that have not changed since. */
  async function* deflateTables(format: Format): AsyncGenerator<Uint8Array, GzipSum, undefined> {
    const snapshots = tables.snapshots();
    try {
      const render = createRenderer({ format, slices });
      const known = sections.get(format);
      const all = toSections(snapshots);
      const inputs = all.map(({ key, parts }) => ({ known: known?.get(key), chunks: () => render(parts) }));
      const deflated = new Map<string, Deflated>();
      let total = emptySum;
      for await (const section of deflateAll(inputs)) {
        deflated.set(all[deflated.size]?.key ?? '', section);
        total = joinSums(total, section.sum);
        yield section.bytes;
      }
      sections.set(format, deflated);
      return total;
    } finally {
      for (const snapshot of snapshots) snapshot.release();
    }
  }

  const compressTables = (format: Format): CompressedTables => {
    const version = tables.version();
    for (const [key, tables] of compressed) if (tables.version !== version) compressed.delete(key);
    const known = compressed.get(format);
    if (known !== undefined) return known;
    const rendered = { version, read: replay(deflateTables(format)) };
    compressed.set(format, rendered);
    // Compress to the end even if every reader stops early, so that the snapshots are released. If
    // compression fails, each reader receives the error, so only remove the text from the cache here.
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
 * Makes a generator readable by many readers. Returns a function that creates a reader, which starts with the
 * first item. Each item is taken from `source` only once.
 */
function replay<T, R>(source: AsyncGenerator<T, R, undefined>): () => AsyncGenerator<T, R, undefined> {
  const steps: Promise<IteratorResult<T, R>>[] = [];
  /** Undefined after the last item: a generator keeps its local variables in memory, even after its end. */
  let rest: AsyncGenerator<T, R, undefined> | undefined = source;
  const nextStep = () => {
    if (rest === undefined) throw new Error('bug: read past the end');
    const step = rest.next();
    steps.push(step);
    return step;
  };
  return async function* () {
    for (let i = 0; ; i++) {
      const { done, value } = await (steps[i] ?? nextStep());
      if (done) {
        rest = undefined;
        return value;
      }
      yield value;
    }
  };
}

/** Reads all items and discards them. */
async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

/**
 * Coalesces renders: all callers in the same iteration of the event loop, and all callers during a render,
 * share the result of one render. prom-client cannot render in slices, so a render per scrape would block the
 * event loop if there are many simultaneous scrapes.
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
    // Forget the render even if it failed, so that the next scrape renders again.
    void Promise.allSettled([rendering, yieldNow()]).then(() => pending.delete(format));
    return rendering;
  };
}
