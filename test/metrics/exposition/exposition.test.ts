import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { chunkBytes } from '../../../src/metrics/exposition/buffer-pool.ts';
import {
  createExposition,
  type Encoding,
  type RenderedTables,
} from '../../../src/metrics/exposition/exposition.ts';
import { createSeriesTable } from '../../../src/metrics/table/series-table.ts';
import type { Format } from '../../../src/metrics/table/text-format.ts';
import { bytesOf, inOneBreath, textOf } from '../../support/exposition.ts';
import { settle } from '../../support/manual-clock.ts';

/** Large enough for several pieces. */
const rows = 30_000;

function setUp() {
  const table = createSeriesTable({ own: true });
  const show = table.addFamilies([
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
    show(row, i);
  }
  let taken = 0;
  let held = 0;
  const tables: RenderedTables = {
    version: table.version,
    snapshots() {
      taken++;
      held++;
      const snapshot = table.snapshot();
      const release = () => {
        held--;
        snapshot.release();
      };
      return [{ ...snapshot, release }];
    },
  };
  let rests = 0;
  const renderExporter = async (format: Format) => `rest_of_${format} ${++rests}\n`;
  const exposition = createExposition({ tables, renderExporter, pace: inOneBreath });
  const scrape = (encoding: Encoding, format: Format = 'text') => exposition.scrape({ format, encoding });
  return {
    table,
    change: () => show(0, Math.random()),
    scrape,
    /** How many renderings were begun. */
    taken: () => taken,
    /** How many of them still hold the table. */
    held: () => held,
    lastLine: `level{name="a stream with a name of its own, number ${rows - 1}"} ${rows - 1}\n`,
  };
}

test('the tables come first, then the rest, and OpenMetrics ends with its last line', async () => {
  const { scrape, lastLine } = setUp();

  const text = await textOf((await scrape('identity')).body);
  const openMetrics = await textOf((await scrape('identity', 'openmetrics')).body);

  expect(text.startsWith('# HELP level A level.\n# TYPE level gauge\nlevel{')).toBe(true);
  expect(text.endsWith(`${lastLine}rest_of_text 1\n`)).toBe(true);
  expect(openMetrics.endsWith(`${lastLine}rest_of_openmetrics 2\n# EOF\n`)).toBe(true);
});

test('gzip is one member with the same text, the rest drawn anew behind the kept bytes', async () => {
  const { scrape, taken } = setUp();
  const plain = await textOf((await scrape('identity')).body);

  const first = await bytesOf((await scrape('gzip')).body);
  const second = await bytesOf((await scrape('gzip')).body);

  expect(gunzipSync(first).toString()).toBe(plain.replace('rest_of_text 1', 'rest_of_text 2'));
  expect(gunzipSync(second).toString()).toBe(plain.replace('rest_of_text 1', 'rest_of_text 3'));
  // A second member would begin with the same three bytes.
  expect(first.indexOf(Buffer.of(0x1f, 0x8b, 8), 1)).toBe(-1);
  // It was made of the kept plain pieces.
  expect(taken()).toBe(1);
});

test('gzip without kept plain pieces holds the same text too', async () => {
  const { scrape, lastLine, held } = setUp();

  const text = gunzipSync(await bytesOf((await scrape('gzip')).body)).toString();

  expect(text.split('\n')).toHaveLength(rows + 4);
  expect(text.endsWith(`${lastLine}rest_of_text 1\n`)).toBe(true);
  expect(held()).toBe(0);
});

test('gzip of empty tables is the rest alone', async () => {
  const table = createSeriesTable({ own: true });
  const exposition = createExposition({
    tables: { version: table.version, snapshots: () => [table.snapshot()] },
    renderExporter: async () => 'rest 1\n',
    pace: inOneBreath,
  });

  const { body } = await exposition.scrape({ format: 'openmetrics', encoding: 'gzip' });

  expect(gunzipSync(await bytesOf(body)).toString()).toBe('rest 1\n# EOF\n');
});

test.each<Encoding>(['identity', 'gzip'])(
  'who scrapes at the same time, or while nothing changes, shares a rendering (%s)',
  async (encoding) => {
    const { scrape, taken, held, table } = setUp();

    const together = await Promise.all([scrape(encoding), scrape(encoding)]);
    const bodies = await Promise.all(together.map(({ body }) => bytesOf(body)));
    const later = await scrape(encoding);
    bodies.push(await bytesOf(later.body));

    expect(new Set(bodies.map(({ length }) => length > 0)).size).toBe(1);
    expect([...together, later].map(({ version }) => version)).toEqual(Array(3).fill(table.version()));
    expect(taken()).toBe(1);
    expect(held()).toBe(0);
  },
);

test('after a change there is a new rendering, while the old one is read to its end as it was', async () => {
  const { scrape, change, taken, table } = setUp();
  const before = await scrape('identity');
  const firstPiece = await before.body.next();
  const beginning = Buffer.from(firstPiece.value ?? []).toString();
  change();
  const after = await scrape('identity');

  const [old, fresh] = [await textOf(before.body), await textOf(after.body)];

  expect(after.version).toBe(table.version());
  expect(before.version).toBe(after.version - 1);
  expect(taken()).toBe(2);
  expect(beginning.split('\n')[2]).toMatch(/ 0$/);
  expect((beginning + old).split('\n').length).toBe(fresh.split('\n').length);
});

test.each<Encoding>(['identity', 'gzip'])(
  'a reader that leaves costs the others nothing, and the last one ends the rendering (%s)',
  async (encoding) => {
    const { scrape, taken, held } = setUp();
    const [leaving, staying] = [await scrape(encoding), await scrape(encoding)];
    await leaving.body.next();
    await leaving.body.return?.();

    const whole = await bytesOf(staying.body);
    const text = encoding === 'gzip' ? gunzipSync(whole) : whole;
    expect(text.toString()).toContain('rest_of_text 2');
    expect(held()).toBe(0);

    expect(await leaving.body.next()).toEqual({ done: true, value: undefined });
    expect(taken()).toBe(1);
  },
);

test.each<Encoding>(['identity', 'gzip'])(
  'an answer that nobody begins to read, or reads in part, lets go of the table, and the next scrape begins anew (%s)',
  async (encoding) => {
    const { scrape, taken, held } = setUp();
    const unread = await scrape(encoding);
    await unread.body.return?.();
    expect(held()).toBe(0);

    const half = await scrape(encoding);
    await half.body.next();
    await half.body.next();
    await half.body.return?.();
    expect(held()).toBe(0);

    const whole = await bytesOf((await scrape(encoding)).body);
    expect(whole.length).toBeGreaterThan(1000);
    expect(taken()).toBe(3);
  },
);

test('readers of every pace get whole answers, while rows change and pieces are used again', async () => {
  const { scrape, change } = setUp();
  let chunks = 0;
  const read = async (encoding: Encoding, turns: number): Promise<string> => {
    const { body } = await scrape(encoding);
    const copies: Buffer[] = [];
    let held: Uint8Array = new Uint8Array();
    for await (const chunk of body) {
      // The one before the newest is read only now, as by a writer that is busy with it while the next is made.
      copies.push(Buffer.from(held));
      held = chunk;
      if (chunks++ % 5 === 0) change();
      for (let turn = 0; turn < turns; turn++) await settle();
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
      // The first row is the one that changes.
      const lines = text.split('\n').filter((line) => line.startsWith('level{') && !/number 0"/.test(line));
      expect(lines.map((line) => line.slice(line.indexOf('number')))).toEqual(expected);
    }
  }
});

test('one scrape after the other is written into the same few pieces', async () => {
  const { scrape, change } = setUp();
  const piecesPerScrape: number[] = [];
  const buffers = new Set<ArrayBufferLike>();
  for (let round = 0; round < 6; round++) {
    change();
    const { body } = await scrape('identity');
    let chunks = 0;
    for await (const chunk of body) {
      chunks++;
      if (chunk.buffer.byteLength === chunkBytes) buffers.add(chunk.buffer);
    }
    piecesPerScrape.push(chunks);
  }

  expect(new Set(piecesPerScrape).size).toBe(1);
  expect(buffers.size).toBe((piecesPerScrape[0] ?? 0) - 1);
});

test('scrapes of one turn of the loop share the rest, and so do those that come while it is drawn', async () => {
  const turned = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const drawn = Promise.withResolvers<string>();
  const asked: Format[] = [];
  let turns = 0;
  const table = createSeriesTable({ own: true });
  const exposition = createExposition({
    tables: { version: table.version, snapshots: () => [table.snapshot()] },
    renderExporter(format) {
      asked.push(format);
      return asked.length === 1 ? drawn.promise : Promise.resolve(`rest ${asked.length}\n`);
    },
    pace: { ...inOneBreath, yieldNow: () => turned[turns++]?.promise ?? Promise.resolve() },
  });
  const scrape = async (format: Format) =>
    textOf((await exposition.scrape({ format, encoding: 'identity' })).body);

  const first = [scrape('text'), scrape('text')];
  const other = scrape('openmetrics');
  turned[0]?.resolve();
  await settle();
  first.push(scrape('text'));
  drawn.resolve('rest 1\n');
  expect(await Promise.all(first)).toEqual(['rest 1\n', 'rest 1\n', 'rest 1\n']);
  // Drawn, but the turn in which it was asked for is not over.
  expect(await Promise.all([other, scrape('openmetrics')])).toEqual(['rest 2\n# EOF\n', 'rest 2\n# EOF\n']);

  turned[1]?.resolve();
  await settle();
  expect([await scrape('text'), await scrape('openmetrics')]).toEqual(['rest 3\n', 'rest 4\n# EOF\n']);
  expect(asked).toEqual(['text', 'openmetrics', 'text', 'openmetrics']);
});

test('when the rest can not be drawn the scrape rejects, and holds nothing', async () => {
  const table = createSeriesTable({ own: true });
  const exposition = createExposition({
    tables: { version: table.version, snapshots: () => expect.unreachable() },
    renderExporter: () => Promise.reject(new Error('no rest')),
    pace: inOneBreath,
  });

  await expect(exposition.scrape({ format: 'text', encoding: 'gzip' })).rejects.toThrow('no rest');
});
