import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createExposition, type Encoding } from '../../../src/metrics/exposition/exposition.ts';
import { chunkBytes } from '../../../src/metrics/exposition/render.ts';
import { createSeriesTable } from '../../../src/metrics/table/series-table.ts';
import type { Format } from '../../../src/metrics/table/text-format.ts';
import { bytesOf, oneSlice, textOf } from '../../support/exposition.ts';
import { settle } from '../../support/manual-clock.ts';
import { rows, setUpLevels } from './levels.ts';

test('renders the tables first, then the exporter itself, and the last line of OpenMetrics', async () => {
  const { scrape, lastLine } = setUpLevels();

  const text = await textOf((await scrape('identity')).body);
  const openMetrics = await textOf((await scrape('identity', 'openmetrics')).body);

  expect(text.startsWith('# HELP level A level.\n# TYPE level gauge\nlevel{')).toBe(true);
  expect(text.endsWith(`${lastLine}exporter_text 1\n`)).toBe(true);
  expect(openMetrics.endsWith(`${lastLine}exporter_openmetrics 2\n# EOF\n`)).toBe(true);
});

test.each<[Encoding, number]>([
  ['identity', 3],
  ['gzip', 1],
])(
  'serves three scrapes of one version, two of them concurrent (%s), with %d renders of the tables',
  async (encoding, expectedRenders) => {
    const { scrape, renders, held, table } = setUpLevels();

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
  const { scrape, change, renders, table } = setUpLevels();
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
    const { scrape, renders, held } = setUpLevels();
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
  const { scrape, renders, held } = setUpLevels();
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

test('serves complete responses to readers of any speed while rows change and buffers are reused', async () => {
  const { scrape, change } = setUpLevels();
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
  const { scrape } = setUpLevels();
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
