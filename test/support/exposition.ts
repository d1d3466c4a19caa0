import { createBufferPool } from '../../src/metrics/exposition/buffer-pool.ts';
import type { RenderedTables } from '../../src/metrics/exposition/exposition.ts';
import { renderSnapshots } from '../../src/metrics/exposition/render.ts';
import type { Format } from '../../src/metrics/table/text-format.ts';
import type { SliceOptions } from '../../src/model/slices.ts';

/** A pace that never lets go: a rendering in one breath. */
export const inOneBreath: SliceOptions = { sliceMs: 1, elapsed: () => 0, yieldNow: () => Promise.resolve() };

/** What the tables show now, without the last line. */
export async function drawTables(tables: RenderedTables, format: Format = 'text'): Promise<string> {
  const snapshots = tables.snapshots();
  const newBuffer = createBufferPool(0).take;
  const text = await textOf(renderSnapshots(snapshots, { format, pace: inOneBreath, newBuffer }));
  for (const snapshot of snapshots) snapshot.release();
  return text;
}

/** Only the lines with values of the metrics named, as a scraper would read them. */
export async function linesOf(
  tables: RenderedTables,
  ...names: readonly string[]
): Promise<readonly string[]> {
  const lines = (await drawTables(tables)).split('\n');
  return lines.filter((line) => names.includes(/^[a-z_]+/.exec(line)?.[0] ?? ''));
}

export async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Buffer[] = [];
  // Copied, since a piece may be written over.
  for await (const chunk of chunks) all.push(Buffer.from(chunk));
  return Buffer.concat(all);
}

export async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  return (await bytesOf(chunks)).toString();
}

export interface Series {
  readonly line: string;
  readonly value: number;
}

/** The series of each family by its head, values as numbers, in the order of their names and labels. */
export function parseFamilies(text: string): ReadonlyMap<string, readonly Series[]> {
  const families = new Map<string, Series[]>();
  let head = '';
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# HELP') || line === '# EOF') continue;
    if (line.startsWith('# TYPE ')) {
      head = line.slice('# TYPE '.length);
      if (families.has(head)) throw new Error(`${head} comes twice`);
      families.set(head, []);
      continue;
    }
    const cut = line.lastIndexOf(' ');
    families.get(head)?.push({ line: line.slice(0, cut), value: parseValue(line.slice(cut + 1)) });
  }
  for (const series of families.values()) series.sort((a, b) => (a.line < b.line ? -1 : 1));
  return families;
}

/** A value as both formats, and Prometheus' API, write it. */
export function parseValue(text: string): number {
  if (/^nan$/i.test(text)) return Number.NaN;
  return Number(text.replace('Inf', 'Infinity'));
}
