import { expect, test } from 'vitest';
import type { RenderedTables } from '../../../src/metrics/exposition/exposition.ts';
import { createSeriesTable } from '../../../src/metrics/table/series-table.ts';
import { renderTables } from '../../support/exposition.ts';

function setUp() {
  const table = createSeriesTable({ own: true });
  const setRow = table.addFamilies<number | undefined>([
    { name: 'level', help: 'A level.', type: 'gauge', text: 'own', points: [{ value: (level) => level }] },
  ]);
  const tables: RenderedTables = table;
  const addRow = (name: string, level: number | undefined) => {
    const row = table.addRow();
    table.setText(row, 'own', { name });
    setRow(row, level);
    return row;
  };
  const render = async () => (await renderTables(tables)).split('\n').filter((line) => /^[a-z]/.test(line));
  return { table, setRow, addRow, render, tables };
}

test('renders nothing for an empty table, not even heads', async () => {
  const { tables } = setUp();

  expect(await renderTables(tables)).toBe('');
});

test('raises the version with a change, but not when an equal value is set', () => {
  const { table, setRow, addRow } = setUp();
  const row = addRow('a', Number.NaN);
  const version = table.version();

  setRow(row, Number.NaN);
  table.setText(row, 'own', { name: 'a' });
  expect(table.version()).toBe(version);

  setRow(row, 1);
  expect(table.version()).toBe(version + 1);
  setRow(row, undefined);
  expect(table.version()).toBe(version + 2);
  setRow(row, undefined);
  expect(table.version()).toBe(version + 2);
  table.setText(row, 'own', { name: 'b' });
  expect(table.version()).toBe(version + 3);
});

test('reuses a freed row without its old values', async () => {
  const { table, addRow, render } = setUp();
  const first = addRow('a', 1);
  addRow('b', 2);

  table.freeRow(first);
  const again = addRow('c', undefined);

  expect(again).toBe(first);
  expect(await render()).toEqual(['level{name="b"} 2']);
});

test('keeps a snapshot unchanged while rows are set, freed and reused', async () => {
  const { table, setRow, addRow, tables, render } = setUp();
  const a = addRow('a', 1);
  const b = addRow('b', 2);
  const taken = tables.snapshots();

  setRow(a, 10);
  table.freeRow(b);
  // As long as b, so that it would reuse the slot of its text.
  addRow('c', 30);
  table.setText(a, 'own', { name: 'd' });

  expect(await renderTables({ ...tables, snapshots: () => taken })).toBe(
    '# HELP level A level.\n# TYPE level gauge\nlevel{name="a"} 1\nlevel{name="b"} 2\n',
  );
  expect(await render()).toEqual(['level{name="d"} 10', 'level{name="c"} 30']);
});

test('stores texts of all lengths, including texts longer than a chunk', async () => {
  const { addRow, render, table } = setUp();
  const names = [1, 15, 16, 17, 100_000, 1_100_000, 1_000_000, 3].map((length, i) => `${i}`.repeat(length));
  const rows = names.map((name, i) => addRow(name, i));

  expect(await render()).toEqual(names.map((name, i) => `level{name="${name}"} ${i}`));

  for (const row of rows) table.freeRow(row);
  names.map((name, i) => addRow(name, i));
  expect((await render()).sort()).toEqual(names.map((name, i) => `level{name="${name}"} ${i}`).sort());
});

test('grows beyond its initial capacity, also during a snapshot', async () => {
  const { addRow, render, table } = setUp();
  addRow('first', -1);
  const [snapshot] = table.snapshots();

  for (let i = 0; i < 1000; i++) addRow(`${i}`, i);

  const lines = await render();
  expect(lines).toHaveLength(1001);
  expect(lines[1000]).toBe('level{name="999"} 999');
  expect(snapshot.families[0]?.points[0]?.count).toBe(1);
});

test('needs no more memory for rows that come and go while snapshots overlap', () => {
  const { table, addRow } = setUp();
  const [{ chunks }] = table.snapshots();
  let [older] = table.snapshots();

  for (let round = 0; round < 100; round++) {
    const [newer] = table.snapshots();
    const rows = Array.from({ length: 1000 }, (_, i) =>
      addRow(`stream ${round} ${i} ${'x'.repeat(round)}`, i),
    );
    older.release();
    older = newer;
    for (const row of rows) table.freeRow(row);
  }

  // The largest thousand texts take about 150 KB, and at most two rounds of them are in use.
  expect(chunks.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(2 ** 21);
});

test('appends the additional labels of a text to its prefix, and allows none', async () => {
  const table = createSeriesTable({ own: true, more: true }, { more: 'own' });
  const setRow = table.addFamilies<number>([
    { name: 'level', help: 'A level.', type: 'gauge', text: 'own', points: [{ value: (level) => level }] },
    {
      name: 'depth',
      help: 'A depth.',
      type: 'gauge',
      text: 'more',
      points: [{ value: (level) => level }, { labels: { of: 'x' }, value: (level) => level }],
    },
  ]);
  const tables: RenderedTables = table;
  const render = async () =>
    (await renderTables(tables)).split('\n').filter((line) => line.startsWith('depth'));
  // Each fits into a chunk of default size, but not both together.
  const long = 'l'.repeat(300_000);
  const rows = [{}, { team: 'a "b"', tier: '' }, { team: long }].map((labels, i) => {
    const row = table.addRow();
    table.setText(row, 'own', { name: i === 2 ? long : `${i}` });
    table.setText(row, 'more', labels);
    setRow(row, i);
    return row;
  });

  const [first = 0, second = 0] = rows;
  const linesOf = (labels: readonly string[]) =>
    ['', ',of="x"'].flatMap((own) => labels.map((label, i) => `depth{${label}${own}} ${i}`));
  const last = `name="${long}",team="${long}"`;
  expect(await render()).toEqual(linesOf(['name="0"', 'name="1",team="a \\"b\\"",tier=""', last]));

  // No additional label becomes one, and vice versa. A snapshot keeps its texts.
  const taken = tables.snapshots();
  table.setText(first, 'more', { team: 'c' });
  table.setText(second, 'more', {});
  expect(await render()).toEqual(linesOf(['name="0",team="c"', 'name="1"', last]));
  expect(await renderTables({ ...tables, snapshots: () => taken })).toContain('depth{name="0"} 0\n');
});
