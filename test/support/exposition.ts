import type { RenderedTables } from '../../src/metrics/exposition/exposition.ts';
import { renderSnapshots } from '../../src/metrics/exposition/render.ts';
import type { Metrics } from '../../src/metrics/metrics.ts';
import type { Format } from '../../src/metrics/table/text-format.ts';
import type { SliceOptions } from '../../src/model/slices.ts';

/** Slice that never ends: a render does not yield. */
export const oneSlice: SliceOptions = { sliceMs: 1, elapsed: () => 0, yieldNow: () => Promise.resolve() };

/** Renders the tables without the last line of the format. */
export async function renderTables(tables: RenderedTables, format: Format = 'text'): Promise<string> {
  const snapshots = tables.snapshots();
  const text = await textOf(renderSnapshots(snapshots, { format, slices: oneSlice }));
  for (const snapshot of snapshots) snapshot.release();
  return text;
}

/** Returns the lines with values of the named metrics. */
export async function linesOf(
  tables: RenderedTables,
  ...names: readonly string[]
): Promise<readonly string[]> {
  const lines = (await renderTables(tables)).split('\n');
  return lines.filter((line) => names.includes(/^[a-z_]+/.exec(line)?.[0] ?? ''));
}

export async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Buffer[] = [];
  // Copied, because a chunk can be overwritten.
  for await (const chunk of chunks) all.push(Buffer.from(chunk));
  return Buffer.concat(all);
}

export async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  return (await bytesOf(chunks)).toString();
}

/** Returns the response to a scrape by nobody known, without compression. */
export async function scrapeText({ serveScrape }: Pick<Metrics, 'serveScrape'>): Promise<string> {
  const { body } = await serveScrape({
    accept: undefined,
    acceptEncoding: undefined,
    peer: '10.0.0.1',
    userAgent: undefined,
    timeoutSeconds: undefined,
  });
  return textOf(body);
}

export interface Series {
  readonly line: string;
  readonly value: number;
}

/** Returns the series of each family by its TYPE line, sorted by labels, with values as numbers. */
export function parseFamilies(text: string): ReadonlyMap<string, readonly Series[]> {
  const families = new Map<string, Series[]>();
  let head = '';
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# HELP') || line === '# EOF') continue;
    if (line.startsWith('# TYPE ')) {
      head = line.slice('# TYPE '.length);
      if (families.has(head)) throw new Error(`${head} occurs twice`);
      families.set(head, []);
      continue;
    }
    const cut = line.lastIndexOf(' ');
    families.get(head)?.push({ line: line.slice(0, cut), value: parseValue(line.slice(cut + 1)) });
  }
  for (const series of families.values()) series.sort((a, b) => (a.line < b.line ? -1 : 1));
  return families;
}

/** Parses a value of either format or of the Prometheus API. */
export function parseValue(text: string): number {
  if (/^nan$/i.test(text)) return Number.NaN;
  return Number(text.replace('Inf', 'Infinity'));
}
