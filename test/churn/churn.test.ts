import { expect, test } from 'vitest';
import { parseFlags } from './flags.ts';
import { type Outcome, runChurn } from './run.ts';
import { problemsOf, toReport } from './verdict.ts';

const outcome: Outcome = {
  settings: { streams: 100, percent: 5, minutes: 30, site: 'china' },
  names: 250,
  begun: 150,
  longestUnseenMs: 34_000,
  medianUnseenMs: 10_000,
  longestAfterEndMs: 400_000,
  unseen: [{ name: 'a', fromMs: 0, toMs: 34_000 }],
  mostSeries: 130,
  counted: 1000,
  truth: 1000,
  missing: [],
  doubled: [],
  gaps: [],
  heapMegabytes: [100, 90, 104],
  listRequests: 10,
  historyRequests: 100,
  refused: 0,
  seconds: 5,
};

test('counts each sample once while streams begin and end and the list moves between its pages', {
  timeout: 120_000,
}, async () => {
  const result = await runChurn({ streams: 110, percent: 25, minutes: 7, site: 'international' });

  expect(problemsOf(result)).toEqual([]);
  expect(result.begun).toBeGreaterThan(150);
  expect(result.names).toBeLessThan(110 + result.begun);
  expect(result.counted).toBeGreaterThan(10_000);
});

test('passes if every check passes', () => {
  expect(problemsOf(outcome)).toEqual([]);
  expect(toReport(outcome)).toMatch(/\nchurn: PASS\n$/);
});

test.each<[string, Partial<Outcome>]>([
  ['999 samples instead of 1000', { counted: 999 }],
  ['1 streams have too few samples, such as a 1 of 2', { missing: ['a 1 of 2'] }],
  ['1 streams have too many samples, such as a 2 of 1', { doubled: ['a 2 of 1'] }],
  ['1 streams have gaps, such as a 5 s', { gaps: ['a 5 s'] }],
  ['a stream had no series for 35 s after its begin', { longestUnseenMs: 35_000 }],
  ['a push of 35 s was never seen', { unseen: [{ name: 'a', fromMs: 5000, toMs: 40_000 }] }],
  ['the provider refused 1 requests', { refused: 1 }],
  ['the heap grew by 6.0 %', { heapMegabytes: [100, 103, 106] }],
  ['the provider has no samples', { counted: 0, truth: 0 }],
])('fails with: %s', (problem, part) => {
  expect(problemsOf({ ...outcome, ...part })).toEqual([problem]);
  expect(toReport({ ...outcome, ...part })).toMatch(/\nchurn: FAIL\n$/);
});

test('parses the flags', () => {
  expect(parseFlags([])).toEqual({ streams: 5000, minutes: 30, percent: 5, site: 'china' });
  expect(parseFlags(['--streams', '100', '--site', 'international'])).toMatchObject({ streams: 100 });
  expect(parseFlags(['--help'])).toBe('help');
  expect(parseFlags(['--minutes', '1'])).toHaveProperty('problem');
  expect(parseFlags(['--site', 'mars'])).toHaveProperty('problem');
});
