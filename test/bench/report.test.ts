import { expect, test } from 'vitest';
import { pairedRatio, spreadOf } from './figures.ts';
import { isAllHeld, reportCell, toMarkdown, toText } from './report.ts';

const figure = {
  name: '300 streams every 5 s: longest busy of a load',
  unit: 'ms',
  rounds: [3, 19, 4],
} as const;
const report = { node: 'v24.1.2', cpu: 'a CPU', cores: 2, load: 0.1, rounds: 3, isShort: false };
const cell = { name: 'state', about: 'saves and loads' };

test('returns the middle value as the median, or the mean of the two middle values', () => {
  expect(spreadOf([5, 1, 9])).toEqual({ median: 5, min: 1, max: 9 });
  expect(spreadOf([4, 1, 9, 2])).toEqual({ median: 3, min: 1, max: 9 });
  expect(spreadOf([]).median).toBeNaN();
});

test('computes a ratio per round', () => {
  expect(pairedRatio([10, 9], [5, 3])).toEqual([2, 3]);
});

test('evaluates a bar on the median, not on the worst round', () => {
  const held = reportCell(cell, [figure], { seconds: 1, isShort: false });
  const missed = reportCell(cell, [{ ...figure, rounds: [10.1, 10.2, 1] }], { seconds: 1, isShort: false });

  expect(held.bars).toEqual([{ figure: figure.name, is: 'at most', limit: 10, median: 4, isHeld: true }]);
  expect(missed.bars).toMatchObject([{ median: 10.1, isHeld: false }]);
  expect(isAllHeld({ ...report, cells: [held] })).toBe(true);
  expect(isAllHeld({ ...report, cells: [held, missed] })).toBe(false);
});

test('evaluates lower and upper limits', () => {
  const enough = { name: 'plain, prom-client / plain, ours: CPU', unit: 'ratio' } as const;
  const evaluate = (ratio: number) =>
    reportCell({ name: 'scrape-100k', about: '' }, [{ ...enough, rounds: [ratio] }], {
      seconds: 1,
      isShort: false,
    }).bars;

  expect(evaluate(15)).toMatchObject([{ is: 'at least', limit: 15, isHeld: true }]);
  expect(evaluate(14.9)).toMatchObject([{ isHeld: false }]);
  expect(evaluate(Number.NaN)).toMatchObject([{ isHeld: false }]);
});

test('evaluates no bar in a short run', () => {
  expect(reportCell(cell, [figure], { seconds: 1, isShort: true }).bars).toEqual([]);
});

test('renders all measures of a subject in one row, and the bars', () => {
  const figures = [
    { name: 'plain, ours: wall', unit: 'ms', rounds: [30, 20, 25] },
    { name: 'plain, ours: longest pause', unit: 'ms', rounds: [23, 2, 30] },
    { name: 'plain, prom-client: wall', unit: 'ms', rounds: [1234.5] },
  ] as const;
  const measured = reportCell({ name: 'scrape-100k', about: 'scrapes' }, figures, {
    seconds: 1.2,
    isShort: false,
  });

  expect(toText(measured)).toBe(`scrape-100k: scrapes (1 s)
  median (min-max)    wall                 longest pause
  plain, ours         25 ms (20-30)        23 ms (2-30)
  plain, prom-client  1235 ms (1235-1235)
  missed plain, ours: longest pause: 23, the bar is at most 20
`);
  expect(
    toMarkdown({ ...report, cells: [measured] }),
  ).toBe(`Node 24.1.2, 2 cores (a CPU), 3 rounds; load average 0.1 at the start.

| cell | figure | bar | median |  |
| --- | --- | --- | --- | --- |
| scrape-100k | plain, ours: longest pause | at most 20 | 23 | missed |

### scrape-100k

scrapes.

| median (min-max) | wall | longest pause |
| --- | --- | --- |
| plain, ours | 25 ms (20-30) | 23 ms (2-30) |
| plain, prom-client | 1235 ms (1235-1235) |  |
`);
});
