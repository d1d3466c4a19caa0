import { expect, test } from 'vitest';
import { pairedRatio, spreadOf } from './figures.ts';
import { isAllHeld, reportCell, toMarkdown, toText } from './report.ts';

const figure = { name: 'CPU per sample, counted and shown, ours', unit: 'us', rounds: [3, 9, 4] } as const;
const cell = { name: 'arrival', about: 'samples arrive' };

test('the median is the middle one, or between the two of them', () => {
  expect(spreadOf([5, 1, 9])).toEqual({ median: 5, least: 1, most: 9 });
  expect(spreadOf([4, 1, 9, 2])).toEqual({ median: 3, least: 1, most: 9 });
  expect(spreadOf([]).median).toBeNaN();
});

test('a ratio is made round by round', () => {
  expect(pairedRatio([10, 9], [5, 3])).toEqual([2, 3]);
});

test('a bar judges the median and not the worst round', () => {
  const held = reportCell(cell, [figure], { seconds: 1, isShort: false });
  const missed = reportCell(cell, [{ ...figure, rounds: [5.1, 5.2, 1] }], { seconds: 1, isShort: false });

  expect(held.bars).toEqual([{ figure: figure.name, is: 'at most', limit: 5, median: 4, isHeld: true }]);
  expect(missed.bars).toMatchObject([{ median: 5.1, isHeld: false }]);
  const report = { node: '', cpu: '', cores: 1, rounds: 3, isShort: false };
  expect(isAllHeld({ ...report, cells: [held] })).toBe(true);
  expect(isAllHeld({ ...report, cells: [held, missed] })).toBe(false);
});

test('a short run is not judged', () => {
  expect(reportCell(cell, [figure], { seconds: 1, isShort: true }).bars).toEqual([]);
});

test('a table says what was measured, how far apart the rounds were, and whether the bar is held', () => {
  const measured = reportCell(cell, [figure], { seconds: 1.2, isShort: false });

  expect(toText(measured).split('\n')[1]?.replaceAll(/ +/g, ' ')).toBe(
    ' CPU per sample, counted and shown, ours 4 us 3-9 at most 5: held',
  );
  expect(toMarkdown(measured)).toContain(
    '| CPU per sample, counted and shown, ours | 4 us | 3-9 | at most 5: held |',
  );
});
