import { expect, test } from 'vitest';
import { isMet, toReport } from './report.ts';

test('compares medians with the bars, and shows the ninth decile', () => {
  const times = { load: [900, 300, 250], search: [99, 20, 99], sort: [100] };

  expect(toReport(times)).toBe(
    'load   median 300 ms, p90 900 ms, bar 1000 ms: met\n' +
      'search median 99 ms, p90 99 ms, bar 100 ms: met\n' +
      'sort   median 100 ms, p90 100 ms, bar 100 ms: missed\n',
  );
  expect(isMet(times)).toBe(false);
  expect(isMet({ ...times, sort: [99] })).toBe(true);
});

test('fails if nothing was measured, instead of meeting the bars', () => {
  expect(() => toReport({ load: [], search: [1], sort: [1] })).toThrow('nothing was measured');
});
