import { gunzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import {
  createExposition,
  type Encoding,
  type RenderedTables,
} from '../../../src/metrics/exposition/exposition.ts';
import { chunkBytes } from '../../../src/metrics/exposition/render.ts';
import { createSeriesTable } from '../../../src/metrics/table/series-table.ts';
import type { Format } from '../../../src/metrics/table/text-format.ts';
import { bytesOf, oneSlice, textOf } from '../../support/exposition.ts';
import { settle } from '../../support/manual-clock.ts';

/** Enough for several chunks. */
const rows = 30_000;

function setUp() {
  const table = createSeriesTable({ own: true });
  const setRow = table.addFamilies([
    {
      name: 'level',
      help: 'A level.',
      type: 'gauge',
      text: 'own',
      points: [{ value: (value: number) => value }],
    },
  ]);
  for (let i = 0; i < rows; i++) {
    const row = table.addRow();
    table.setText(row, 'own', { name: `a stream with a name of its own, number ${i}` });
    setRow(row, i);
  }
  let renders = 0;
  let held = 0;
  const tables: RenderedTables = {
    version: table.version,
    snapshots() {
      renders++;
      held++;
      const [snapshot] = table.snapshots();
      const release = () => {
        held--;
        snapshot.release();
      };
      return [{ ...snapshot, release }];
    },
  };
  let exporterRenders = 0;
  const renderExporter = async (format: Format) => `exporter_${format} ${++exporterRenders}\n`;
  const exposition = createExposition({ tables, renderExporter, slices: oneSlice });
  const scrape = (encoding: Encoding, format: Format = 'text') => exposition.scrape({ format, encoding });
  return {
    table,
    change: () => setRow(0, Math.random()),
    changeRow: (row: number) => setRow(row, Math.random()),
    scrape,
    /** Number of renders of the tables. */
    renders: () => renders,
    /** Number of snapshots that are not released. */
    held: () => held,
    lastLine: `level{name="a stream with a name of its own, number ${rows - 1}"} ${rows - 1}\n`,
  };
}

test('renders the tables first, then the exporter itself, and the last line of OpenMetrics', async () => {
  const { scrape, lastLine } = setUp();

  const text = await textOf((await scrape('identity')).body);
  const openMetrics = await textOf((await scrape('identity', 'openmetrics')).body);

  expect(text.startsWith('# HELP level A level.\n# TYPE level gauge\nlevel{')).toBe(true);
  expect(text.endsWith(`${lastLine}exporter_text 1\n`)).toBe(true);
  expect(openMetrics.endsWith(`${lastLine}exporter_openmetrics 2\n# EOF\n`)).toBe(true);
});

test('compresses to one gzip member, and renders only the exporter itself for the next scrape', async () => {
  const { scrape, renders } = setUp();
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
  const { scrape, lastLine, held } = setUp();

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

test.each<[Encoding, number]>([
  ['identity', 3],
  ['gzip', 1],
])(
  'serves three scrapes of one version, two of them concurrent (%s), with %d renders of the tables',
  async (encoding, expectedRenders) => {
    const { scrape, renders, held, table } = setUp();

    const together = await Promise.all([scrape(encoding), scrape(encoding)]);
    const bodies = await Promise.all(together.map(({ body }) => bytesOf(body)));
    const later = await scrape(encoding);
    bodies.push(await bytesOf(later.body));

    expect(new Set(bodies.map(({ length }) => length > 0)).size).toBe(1);
    expect([...together, later].map(({ version }) => version)).toEqual(Array(3).fill(table.version()));
    expect(renders()).toBe(expectedRenders);
    expect(held()).toBe(0);
  },
);

test('renders again after a change, and completes the older response unchanged', async () => {
  const { scrape, change, renders, table } = setUp();
  const before = await scrape('identity');
  const firstPiece = await before.body.next();
  const start = Buffer.from(firstPiece.value ?? []).toString();
  change();
  const after = await scrape('identity');

  const [old, fresh] = [await textOf(before.body), await textOf(after.body)];

  expect(after.version).toBe(table.version());
  expect(before.version).toBe(after.version - 1);
  expect(renders()).toBe(2);
  expect(start.split('\n')[2]).toMatch(/ 0$/);
  expect((start + old).split('\n').length).toBe(fresh.split('\n').length);
});

test.each<[Encoding, number]>([
  ['identity', 2],
  ['gzip', 1],
])(
  'completes a response (%s) after another reader left, and releases the snapshots (%d renders)',
  async (encoding, expectedRenders) => {
    const { scrape, renders, held } = setUp();
    const [leaving, staying] = [await scrape(encoding), await scrape(encoding)];
    await leaving.body.next();
    await leaving.body.return?.();

    const whole = await bytesOf(staying.body);
    const text = encoding === 'gzip' ? gunzipSync(whole) : whole;
    expect(text.toString()).toContain('exporter_text 2');
    expect(held()).toBe(0);

    expect(await leaving.body.next()).toEqual({ done: true, value: undefined });
    expect(renders()).toBe(expectedRenders);
  },
);

test('releases the snapshot of a plain response that is not read to its end', async () => {
  const { scrape, renders, held } = setUp();
  const unread = await scrape('identity');
  await unread.body.return();
  expect(held()).toBe(0);

  const half = await scrape('identity');
  await half.body.next();
  await half.body.next();
  expect(held()).toBe(1);
  await half.body.return();
  expect(held()).toBe(0);

  const whole = await bytesOf((await scrape('identity')).body);
  expect(whole.length).toBeGreaterThan(1000);
  expect(renders()).toBe(2);
});

test('completes a compression that nobody reads to its end, and reuses it', async () => {
  const { scrape, renders, held, lastLine } = setUp();
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
  const { scrape, changeRow } = setUp();
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
  const { scrape, renders, change } = setUp();
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

test('serves complete responses to readers of any speed while rows change and buffers are reused', async () => {
  const { scrape, change } = setUp();
  let chunks = 0;
  const read = async (encoding: Encoding, yields: number): Promise<string> => {
    const { body } = await scrape(encoding);
    const copies: Buffer[] = [];
    let held: Uint8Array = new Uint8Array();
    for await (const chunk of body) {
      // Copies the previous chunk only now, as a slow writer does while the next one is rendered.
      copies.push(Buffer.from(held));
      held = chunk;
      if (chunks++ % 5 === 0) change();
      for (let i = 0; i < yields; i++) await settle();
    }
    const bytes = Buffer.concat([...copies, held]);
    return (encoding === 'gzip' ? gunzipSync(bytes) : bytes).toString();
  };
  const leave = async (encoding: Encoding) => {
    const { body } = await scrape(encoding);
    await body.next();
    await body.next();
    await body.return?.();
    return undefined;
  };
  const expected = Array.from({ length: rows - 1 }, (_, i) => `number ${i + 1}"} ${i + 1}`);

  for (let round = 0; round < 8; round++) {
    const texts = await Promise.all([
      read('identity', 0),
      read('identity', 3),
      leave(round % 2 === 0 ? 'gzip' : 'identity'),
      read(round % 3 === 0 ? 'gzip' : 'identity', round),
    ]);
    for (const text of texts) {
      if (text === undefined) continue;
      // Without the first row, which changes.
      const lines = text.split('\n').filter((line) => line.startsWith('level{') && !/number 0"/.test(line));
      expect(lines.map((line) => line.slice(line.indexOf('number')))).toEqual(expected);
    }
  }
});

test('renders a response into two buffers in turn', async () => {
  const { scrape } = setUp();
  const { body } = await scrape('identity');
  const chunks: number[] = [];
  const buffers = new Set<ArrayBufferLike>();

  for await (const { buffer } of body) {
    chunks.push(buffer.byteLength);
    if (buffer.byteLength === chunkBytes) buffers.add(buffer);
  }

  expect(chunks.length).toBeGreaterThan(2);
  expect(buffers.size).toBe(2);
});

test('renders the exporter itself once per iteration of the event loop, and once during a render', async () => {
  const yielded = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const rendered = Promise.withResolvers<string>();
  const formats: Format[] = [];
  let yields = 0;
  const table = createSeriesTable({ own: true });
  const exposition = createExposition({
    tables: table,
    renderExporter(format) {
      formats.push(format);
      return formats.length === 1 ? rendered.promise : Promise.resolve(`rest ${formats.length}\n`);
    },
    slices: { ...oneSlice, yieldNow: () => yielded[yields++]?.promise ?? Promise.resolve() },
  });
  const scrape = async (format: Format) =>
    textOf((await exposition.scrape({ format, encoding: 'identity' })).body);

  const first = [scrape('text'), scrape('text')];
  const other = scrape('openmetrics');
  yielded[0]?.resolve();
  await settle();
  first.push(scrape('text'));
  rendered.resolve('rest 1\n');
  expect(await Promise.all(first)).toEqual(['rest 1\n', 'rest 1\n', 'rest 1\n']);
  // Rendered, but the iteration in which it was requested has not ended.
  expect(await Promise.all([other, scrape('openmetrics')])).toEqual(['rest 2\n# EOF\n', 'rest 2\n# EOF\n']);

  yielded[1]?.resolve();
  await settle();
  expect([await scrape('text'), await scrape('openmetrics')]).toEqual(['rest 3\n', 'rest 4\n# EOF\n']);
  expect(formats).toEqual(['text', 'openmetrics', 'text', 'openmetrics']);
});

test('rejects a scrape without a snapshot if the exporter itself cannot be rendered', async () => {
  const table = createSeriesTable({ own: true });
  const exposition = createExposition({
    tables: { version: table.version, snapshots: () => expect.unreachable() },
    renderExporter: () => Promise.reject(new Error('no rest')),
    slices: oneSlice,
  });

  await expect(exposition.scrape({ format: 'text', encoding: 'gzip' })).rejects.toThrow('no rest');
});
