import { expect, test } from 'vitest';
import { runBudget } from './budget.ts';
import { type Measured, problemsOf, reportOf } from './verdict.ts';

test('a small run in real time ends with every stream up, all counted, and no second above the budget', {
  timeout: 60_000,
}, async () => {
  const measured = await runBudget({ streams: 16, perSecond: 8, durationMs: 8_000, scrapeEveryMs: 500 });

  expect(problemsOf(measured)).toEqual([]);
  expect(measured.calls).toBeGreaterThan(16);
  expect(measured.scrapes).toBe(16);
  expect(measured.daemonCpuSeconds).toBeGreaterThan(0);
});

const good: Measured = {
  streams: 2_000,
  perSecond: 20,
  tookMs: 600_000,
  calls: 11_800,
  mostInOneSecond: 20,
  refused: 0,
  scrapes: 120,
  oldestWatermarkMs: 103_000,
  streamsUp: 2_000,
  flaps: 0,
  wrong: [],
  daemonCpuSeconds: 12.34,
};

test('a run that held all bars says so under its table', () => {
  expect(problemsOf(good)).toEqual([]);
  expect(reportOf(good)).toMatchInlineSnapshot(`
    "2000 streams, 600.0 s                      measured      bar
    calls                                         11800
    calls a second                                19.67
    most calls in one calendar second                20    <= 20
    refused calls                                     0        0
    oldest watermark after the first round, s     103.0  < 130.0
    streams up                                     2000     2000
    flaps in 120 scrapes                              0        0
    streams with wrong totals                         0        0
    CPU seconds of the daemon                      12.3
    all bars held
    "
  `);
});

test.each<[problem: string, change: Partial<Measured>]>([
  ['a calendar second saw 21 calls, more than 20', { mostInOneSecond: 21 }],
  ['1 calls were refused', { refused: 1 }],
  ['it ended before the first round did', { oldestWatermarkMs: undefined }],
  ['a watermark was 130.0 s old or older', { oldestWatermarkMs: 130_000 }],
  ['1999 of 2000 streams are up', { streamsUp: 1_999 }],
  ['gauges flapped 3 times', { flaps: 3 }],
  ['the totals of 1 streams are wrong, such as s7', { wrong: ['s7'] }],
])('%s', (problem, change) => {
  expect(problemsOf({ ...good, ...change })).toEqual([problem]);
  expect(reportOf({ ...good, ...change })).toContain(`MISSED: ${problem}\n`);
});
