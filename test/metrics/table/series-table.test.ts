import { expect, test } from 'vitest';
import type { RenderedTables } from '../../../src/metrics/exposition/exposition.ts';
import { createSeriesTable } from '../../../src/metrics/table/series-table.ts';
import { drawTables } from '../../support/exposition.ts';

function setUp() {
  const table = createSeriesTable({ own: true });
  const show = table.addFamilies<number | undefined>([
    { name: 'level', help: 'A level.', type: 'gauge', text: 'own', points: [{ value: (level) => level }] },
  ]);
  const tables: RenderedTables = { version: table.version, snapshots: () => [table.snapshot()] };
  const addRow = (name: string, level: number | undefined) => {
    const row = table.addRow();
    table.setText(row, 'own', { name });
    show(row, level);
    return row;
  };
  const draw = async () => (await drawTables(tables)).split('\n').filter((line) => /^[a-z]/.test(line));
  return { table, show, addRow, draw, tables };
}

test('an empty table draws nothing, not even heads', async () => {
  const { tables } = setUp();

  expect(await drawTables(tables)).toBe('');
});

test('the version rises with a change, and not when the same is set again', () => {
  const { table, show, addRow } = setUp();
  const row = addRow('a', Number.NaN);
  const version = table.version();

  show(row, Number.NaN);
  table.setText(row, 'own', { name: 'a' });
  expect(table.version()).toBe(version);

  show(row, 1);
  expect(table.version()).toBe(version + 1);
  show(row, undefined);
  expect(table.version()).toBe(version + 2);
  show(row, undefined);
  expect(table.version()).toBe(version + 2);
  table.setText(row, 'own', { name: 'b' });
  expect(table.version()).toBe(version + 3);
});

test('a freed row gives its place to the next, with nothing left of it', async () => {
  const { table, addRow, draw } = setUp();
  const first = addRow('a', 1);
  addRow('b', 2);

  table.freeRow(first);
  const again = addRow('c', undefined);

  expect(again).toBe(first);
  expect(await draw()).toEqual(['level{name="b"} 2']);
});

test('a snapshot shows the moment it was taken, whatever is set, freed and reused meanwhile', async () => {
  const { table, show, addRow, tables, draw } = setUp();
  const a = addRow('a', 1);
  const b = addRow('b', 2);
  const taken = tables.snapshots();

  show(a, 10);
  table.freeRow(b);
  // As long as b's, so that it would take the place of its text.
  addRow('c', 30);
  table.setText(a, 'own', { name: 'd' });

  expect(await drawTables({ ...tables, snapshots: () => taken })).toBe(
    '# HELP level A level.\n# TYPE level gauge\nlevel{name="a"} 1\nlevel{name="b"} 2\n',
  );
  expect(await draw()).toEqual(['level{name="d"} 10', 'level{name="c"} 30']);
});

test('texts of all lengths keep apart, also those longer than a chunk of memory', async () => {
  const { addRow, draw, table } = setUp();
  const names = [1, 15, 16, 17, 100_000, 1_100_000, 1_000_000, 3].map((length, i) => `${i}`.repeat(length));
  const rows = names.map((name, i) => addRow(name, i));

  expect(await draw()).toEqual(names.map((name, i) => `level{name="${name}"} ${i}`));

  for (const row of rows) table.freeRow(row);
  names.map((name, i) => addRow(name, i));
  expect((await draw()).sort()).toEqual(names.map((name, i) => `level{name="${name}"} ${i}`).sort());
});

test('the table grows past its first capacity, also under a snapshot', async () => {
  const { addRow, draw, table } = setUp();
  addRow('first', -1);
  const snapshot = table.snapshot();

  for (let i = 0; i < 1000; i++) addRow(`${i}`, i);

  const lines = await draw();
  expect(lines).toHaveLength(1001);
  expect(lines[1000]).toBe('level{name="999"} 999');
  expect(snapshot.families[0]?.points[0]?.count).toBe(1);
});

test('a text that begins as another has what it has more behind it, and may have nothing more', async () => {
  const table = createSeriesTable({ own: true, more: true }, { more: 'own' });
  const show = table.addFamilies<number>([
    { name: 'level', help: 'A level.', type: 'gauge', text: 'own', points: [{ value: (level) => level }] },
    {
      name: 'depth',
      help: 'A depth.',
      type: 'gauge',
      text: 'more',
      points: [{ value: (level) => level }, { labels: { of: 'x' }, value: (level) => level }],
    },
  ]);
  const tables: RenderedTables = { version: table.version, snapshots: () => [table.snapshot()] };
  const draw = async () => (await drawTables(tables)).split('\n').filter((line) => line.startsWith('depth'));
  // Both together have no room in a piece of the usual size, and each has.
  const long = 'l'.repeat(300_000);
  const rows = [{}, { team: 'a "b"', tier: '' }, { team: long }].map((labels, i) => {
    const row = table.addRow();
    table.setText(row, 'own', { name: i === 2 ? long : `${i}` });
    table.setText(row, 'more', labels);
    show(row, i);
    return row;
  });

  const [first = 0, second = 0] = rows;
  const linesOf = (labels: readonly string[]) =>
    ['', ',of="x"'].flatMap((own) => labels.map((label, i) => `depth{${label}${own}} ${i}`));
  const last = `name="${long}",team="${long}"`;
  expect(await draw()).toEqual(linesOf(['name="0"', 'name="1",team="a \\"b\\"",tier=""', last]));

  // What was nothing becomes something, and the other way round; a snapshot keeps what it had.
  const taken = tables.snapshots();
  table.setText(first, 'more', { team: 'c' });
  table.setText(second, 'more', {});
  expect(await draw()).toEqual(linesOf(['name="0",team="c"', 'name="1"', last]));
  expect(await drawTables({ ...tables, snapshots: () => taken })).toContain('depth{name="0"} 0\n');
});
