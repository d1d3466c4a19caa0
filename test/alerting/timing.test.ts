import { expect, test } from 'vitest';
import { classesOf, windowOf } from '../../src/alerting/rules/timing.ts';

const staleAfterMs = 30_000;

test('puts all accounts into one class if the scrape interval determines their windows', () => {
  const paces = [
    { account: 'a', intervalMs: 5_000, staleAfterMs },
    { account: 'b', intervalMs: 12_000, staleAfterMs },
  ];

  const only = { matchers: [], isLate: false, isFastest: true };
  expect(classesOf(paces, 15_000)).toEqual([{ ...only, stepMs: 15_000 }]);
  expect(classesOf([], 5_000)).toEqual([{ ...only, stepMs: 5_000 }]);
});

test('gives accounts that are polled slowly longer windows of their own, and all others to the fastest class', () => {
  const paces = [
    { account: 'slow', intervalMs: 275_000, staleAfterMs },
    { account: 'a', intervalMs: 5_000, staleAfterMs },
    { account: 'b.1', intervalMs: 11_000, staleAfterMs: 10_000 },
    { account: 'c', intervalMs: 290_000, staleAfterMs },
  ];

  expect(classesOf(paces, 5_000)).toEqual([
    { matchers: ['account!~"b\\\\.1|slow|c"'], stepMs: 5_000, isLate: false, isFastest: true },
    { matchers: ['account=~"b\\\\.1"'], stepMs: 15_000, isLate: true, isFastest: false },
    { matchers: ['account=~"slow|c"'], stepMs: 300_000, isLate: true, isFastest: false },
  ]);
});

test('covers four steps with a window, and at least six samples', () => {
  expect([5_000, 15_000, 300_000].map(windowOf)).toEqual([30_000, 60_000, 1_200_000]);
});
