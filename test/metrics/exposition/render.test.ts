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
  const show = table.addFamilies(families);
  for (let i = 0; i < rows; i++) {
    const row = table.addRow();
    table.setText(row, 'own', { name: `stream ${i}` });
    show(row, i);
  }
  return { table, show };
}

const newBuffer = (leastBytes: number) => new Uint8Array(leastBytes);
const linesOf = (text: string) => text.split('\n').filter((line) => /^[a-z]/.test(line));

test('a rendering lets go of the event loop whenever its slice is over, by the clock', async () => {
  const { table } = setUp();
  let now = 0;
  const slices: number[] = [];
  let began = 0;
  // Each look at the clock takes half a millisecond.
  const pace: SliceOptions = {
    sliceMs: 2,
    elapsed: () => (now += 0.5),
    yieldNow: async () => {
      slices.push(now - began);
      await Promise.resolve();
      began = now += 100;
    },
  };

  const text = await textOf(renderSnapshots([table.snapshot()], { format: 'text', pace, newBuffer }));

  expect(linesOf(text)).toHaveLength(2 * rows);
  expect(slices.length).toBeGreaterThanOrEqual(4);
  expect(Math.max(...slices)).toBeLessThanOrEqual(2.5);
});

test('what is set, freed and born during a rendering neither tears a line nor shows in it', async () => {
  const { table, show } = setUp();
  let turns = 0;
  const pace: SliceOptions = {
    sliceMs: 0,
    elapsed: () => 0,
    yieldNow: async () => {
      const row = (turns++ * 131) % rows;
      show((row + 1) % rows, 1e15 + turns);
      table.freeRow(row);
      const hold = table.addRow();
      table.setText(hold, 'own', { name: `born ${turns} with a longer name than was here before` });
      show(hold, turns);
    },
  };
  const snapshot = table.snapshot();

  const text = await textOf(renderSnapshots([snapshot], { format: 'text', pace, newBuffer }));
  snapshot.release();

  const expected = ['level', 'depth'].flatMap((name) =>
    Array.from({ length: rows }, (_, i) => `${name}{name="stream ${i}"} ${i}`),
  );
  expect(turns).toBeGreaterThan(10);
  expect(linesOf(text)).toEqual(expected);
});

test('every piece is made of whole lines, and a line that is longer than a piece gets one of its own', async () => {
  const table = createSeriesTable({ own: true });
  const show = table.addFamilies([
    { name: 'level', help: 'level', type: 'gauge', text: 'own', points: [{ value: () => 1 }] },
  ]);
  for (const name of ['short', 'long'.repeat(200_000), 'last']) {
    const row = table.addRow();
    table.setText(row, 'own', { name });
    show(row, true);
  }
  const pace: SliceOptions = { sliceMs: 1, elapsed: () => 0, yieldNow: () => Promise.resolve() };

  const chunks: string[] = [];
  for await (const chunk of renderSnapshots([table.snapshot()], { format: 'text', pace, newBuffer })) {
    chunks.push(Buffer.from(chunk).toString());
  }

  expect(chunks).toHaveLength(3);
  expect(chunks.every((chunk) => chunk.endsWith('\n'))).toBe(true);
  expect(linesOf(chunks.join('')).map((line) => line.length)).toEqual([21, 800_016, 20]);
});
