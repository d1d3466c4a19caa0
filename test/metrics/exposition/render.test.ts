import { expect, test } from 'vitest';
import { renderSnapshots } from '../../../src/metrics/exposition/render.ts';
import { createSeriesTable } from '../../../src/metrics/table/series-table.ts';
import type { SliceOptions } from '../../../src/model/slices.ts';
import { textOf } from '../../support/exposition.ts';

const rows = 3000;

function setUp() {
  const table = createSeriesTable({ own: true });
  const families = ['level', 'depth'].map((name) => ({
    name,
    help: name,
    type: 'gauge' as const,
    text: 'own' as const,
    points: [{ value: (value: number) => value }],
  }));
  const setRow = table.addFamilies(families);
  for (let i = 0; i < rows; i++) {
    const row = table.addRow();
    table.setText(row, 'own', { name: `stream ${i}` });
    setRow(row, i);
  }
  return { table, setRow };
}

const linesOf = (text: string) => text.split('\n').filter((line) => /^[a-z]/.test(line));

test('yields to the event loop at the end of each slice', async () => {
  const { table } = setUp();
  let now = 0;
  const sliceLengths: number[] = [];
  let sliceStart = 0;
  // Each read of the clock takes half a millisecond.
  const slices: SliceOptions = {
    sliceMs: 2,
    elapsed: () => (now += 0.5),
    yieldNow: async () => {
      sliceLengths.push(now - sliceStart);
      await Promise.resolve();
      sliceStart = now += 100;
    },
  };

  const text = await textOf(renderSnapshots([table.snapshot()], { format: 'text', slices }));

  expect(linesOf(text)).toHaveLength(2 * rows);
  expect(sliceLengths.length).toBeGreaterThanOrEqual(4);
  expect(Math.max(...sliceLengths)).toBeLessThanOrEqual(2.5);
});

test('renders the snapshot unchanged while rows are set, freed and added', async () => {
  const { table, setRow } = setUp();
  let yields = 0;
  const slices: SliceOptions = {
    sliceMs: 0,
    elapsed: () => 0,
    yieldNow: async () => {
      const row = (yields++ * 131) % rows;
      setRow((row + 1) % rows, 1e15 + yields);
      table.freeRow(row);
      const added = table.addRow();
      table.setText(added, 'own', { name: `added ${yields} with a longer name than before` });
      setRow(added, yields);
    },
  };
  const snapshot = table.snapshot();

  const text = await textOf(renderSnapshots([snapshot], { format: 'text', slices }));
  snapshot.release();

  const expected = ['level', 'depth'].flatMap((name) =>
    Array.from({ length: rows }, (_, i) => `${name}{name="stream ${i}"} ${i}`),
  );
  expect(yields).toBeGreaterThan(10);
  expect(linesOf(text)).toEqual(expected);
});

test('renders chunks of whole lines, and a chunk of its own for a longer line', async () => {
  const table = createSeriesTable({ own: true });
  const setRow = table.addFamilies([
    { name: 'level', help: 'level', type: 'gauge', text: 'own', points: [{ value: () => 1 }] },
  ]);
  for (const name of ['short', 'long'.repeat(200_000), 'last']) {
    const row = table.addRow();
    table.setText(row, 'own', { name });
    setRow(row, true);
  }
  const slices: SliceOptions = { sliceMs: 1, elapsed: () => 0, yieldNow: () => Promise.resolve() };

  const chunks: string[] = [];
  for await (const chunk of renderSnapshots([table.snapshot()], { format: 'text', slices })) {
    chunks.push(Buffer.from(chunk).toString());
  }

  expect(chunks).toHaveLength(3);
  expect(chunks.every((chunk) => chunk.endsWith('\n'))).toBe(true);
  expect(linesOf(chunks.join('')).map((line) => line.length)).toEqual([21, 800_016, 20]);
});
