import { gunzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { createExposition } from '../../../src/metrics/exposition/exposition.ts';
import { createSeriesTable } from '../../../src/metrics/table/series-table.ts';
import type { Format } from '../../../src/metrics/table/text-format.ts';
import { bytesOf, oneSlice, textOf } from '../../support/exposition.ts';
import { rows, setUpLevels } from './levels.ts';

test('compresses to one gzip member, and renders only the exporter itself for the next scrape', async () => {
  const { scrape, renders } = setUpLevels();
  const plain = await textOf((await scrape('identity')).body);

  const first = await bytesOf((await scrape('gzip')).body);
  const second = await bytesOf((await scrape('gzip')).body);

  expect(gunzipSync(first).toString()).toBe(plain.replace('exporter_text 1', 'exporter_text 2'));
  expect(gunzipSync(second).toString()).toBe(plain.replace('exporter_text 1', 'exporter_text 3'));
  // A second member would start with the same three bytes.
  expect(first.indexOf(Buffer.of(0x1f, 0x8b, 8), 1)).toBe(-1);
  // Once for the plain text and once for both compressed responses.
  expect(renders()).toBe(2);
});

test('compresses the whole text, and releases the snapshots', async () => {
  const { scrape, lastLine, held } = setUpLevels();

  const text = gunzipSync(await bytesOf((await scrape('gzip')).body)).toString();

  expect(text.split('\n')).toHaveLength(rows + 4);
  expect(text.endsWith(`${lastLine}exporter_text 1\n`)).toBe(true);
  expect(held()).toBe(0);
});

test('compresses only the exporter itself if the tables are empty', async () => {
  const table = createSeriesTable({ own: true });
  const exposition = createExposition({
    tables: table,
    renderExporter: async () => 'rest 1\n',
    slices: oneSlice,
  });

  const { body } = await exposition.scrape({ format: 'openmetrics', encoding: 'gzip' });

  expect(gunzipSync(await bytesOf(body)).toString()).toBe('rest 1\n# EOF\n');
});

test('completes a compression that nobody reads to its end, and reuses it', async () => {
  const { scrape, renders, held, lastLine } = setUpLevels();
  const unread = await scrape('gzip');
  await unread.body.return();
  const half = await scrape('gzip');
  await half.body.next();
  await half.body.next();
  await half.body.return();

  await vi.waitFor(() => expect(held()).toBe(0));

  const text = gunzipSync(await bytesOf((await scrape('gzip')).body)).toString();
  expect(text).toContain(lastLine);
  expect(renders()).toBe(1);
});

test('compresses only the sections that changed since the last scrape of the format', async () => {
  const { scrape, changeRow } = setUpLevels();
  const chunksOf = async (format?: Format) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await scrape('gzip', format)).body) chunks.push(chunk);
    const plain = await textOf((await scrape('identity', format)).body);
    const text = gunzipSync(Buffer.concat(chunks)).toString();
    expect(text.replace(/exporter_.*/, '')).toBe(plain.replace(/exporter_.*/, ''));
    return chunks;
  };
  const first = await chunksOf();

  changeRow(rows - 1);
  const second = await chunksOf();
  changeRow(0);
  changeRow(rows >> 1);
  const openMetrics = await chunksOf('openmetrics');
  const third = await chunksOf();

  const isShared = (chunk: Uint8Array, i: number) => second[i] === chunk;
  // The header, then a section per 4096 rows, then the rest.
  expect(first.map(isShared)).toEqual([true, ...Array(7).fill(true), false, false]);
  expect(third.map(isShared)).toEqual([true, false, true, true, false, true, true, true, true, false]);
  expect(openMetrics.slice(1).map((chunk, i) => isShared(chunk, i + 1))).toEqual(Array(9).fill(false));
});

test('caches the compressed tables of both formats', async () => {
  const { scrape, renders, change } = setUpLevels();
  const formats: Format[] = ['text', 'openmetrics', 'text', 'openmetrics'];
  for (const format of formats) await bytesOf((await scrape('gzip', format)).body);
  expect(renders()).toBe(2);

  change();
  await bytesOf((await scrape('gzip')).body);

  expect(renders()).toBe(3);
});

test('rejects all readers of a failed compression, and compresses again for the next scrape', async () => {
  const table = createSeriesTable({ own: true });
  let snapshots = 0;
  const exposition = createExposition({
    tables: {
      version: table.version,
      snapshots() {
        if (++snapshots === 1) throw new Error('no snapshot');
        return table.snapshots();
      },
    },
    renderExporter: async () => 'exporter 1\n',
    slices: oneSlice,
  });
  const scrape = async () => (await exposition.scrape({ format: 'text', encoding: 'gzip' })).body;

  const failed = await Promise.allSettled([scrape(), scrape()].map(async (body) => bytesOf(await body)));

  expect(failed.map((result) => String(result.status === 'rejected' && result.reason))).toEqual([
    'Error: no snapshot',
    'Error: no snapshot',
  ]);
  expect(gunzipSync(await bytesOf(await scrape())).toString()).toBe('exporter 1\n');
});
