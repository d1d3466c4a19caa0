import { expect, test } from 'vitest';
import { classesOf, windowOf } from '../../src/alerting/rules/timing.ts';

test('puts all accounts into one class if the scrape interval determines their windows', () => {
  const paces = [
    { account: 'a', intervalMs: 5_000 },
    { account: 'b', intervalMs: 12_000 },
  ];

  expect(classesOf(paces, 15_000)).toEqual([{ accounts: undefined, stepMs: 15_000 }]);
  expect(classesOf([], 5_000)).toEqual([{ accounts: undefined, stepMs: 5_000 }]);
});

test('gives accounts that are polled slowly longer windows of their own', () => {
  const paces = [
    { account: 'slow', intervalMs: 275_000 },
    { account: 'a', intervalMs: 5_000 },
    { account: 'b', intervalMs: 11_000 },
    { account: 'c', intervalMs: 290_000 },
  ];

  expect(classesOf(paces, 5_000)).toEqual([
    { accounts: ['a'], stepMs: 5_000 },
    { accounts: ['b'], stepMs: 15_000 },
    { accounts: ['slow', 'c'], stepMs: 300_000 },
  ]);
});

test('covers four steps with a window, and at least six samples', () => {
  expect([5_000, 15_000, 300_000].map(windowOf)).toEqual([30_000, 60_000, 1_200_000]);
});
