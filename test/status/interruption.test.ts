import { expect, test } from 'vitest';
import { breaksOf } from '../../src/status/interruption.ts';

/** Seconds of samples every `period` seconds from `from` (included) to `to` (excluded). */
function seconds(from: number, to: number, period = 5): readonly number[] {
  return Array.from({ length: Math.ceil((to - from) / period) }, (_, i) => from + i * period);
}

test('samples at their usual distance have no breaks, whatever it is', () => {
  expect(breaksOf([])).toBeUndefined();
  expect(breaksOf([100])).toBeUndefined();
  expect(breaksOf(seconds(0, 300))).toBeUndefined();
  expect(breaksOf(seconds(0, 300, 60))).toBeUndefined();
});

test('a sample that is missing or late is no break', () => {
  expect(breaksOf([...seconds(0, 50), ...seconds(55, 100), 50])).toBeUndefined();
  expect(breaksOf([...seconds(0, 50), ...seconds(60, 100)])).toBeUndefined();
});

test('adds the breaks without the usual distance, and returns the begin of the first', () => {
  const flapping = [...seconds(1_000, 1_030), ...seconds(1_055, 1_085), ...seconds(1_110, 1_140)];

  // From 1025 to 1055 and from 1080 to 1110, 30 s each.
  expect(breaksOf(flapping)).toEqual({ since: 1_025_000, ms: 50_000 });
  expect(breaksOf(flapping.toReversed())).toEqual({ since: 1_025_000, ms: 50_000 });
});
