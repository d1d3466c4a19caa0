import { expect, test } from 'vitest';
import { breaksOf } from '../../src/status/interruption.ts';

/** Seconds of samples every `period` seconds from `from` (included) to `to` (excluded). */
function seconds(from: number, to: number, period = 5): readonly number[] {
  return Array.from({ length: Math.ceil((to - from) / period) }, (_, i) => from + i * period);
}

test('samples at the distance of their period have no breaks', () => {
  expect(breaksOf([], 5)).toBeUndefined();
  expect(breaksOf([100], 5)).toBeUndefined();
  expect(breaksOf(seconds(0, 300), 5)).toBeUndefined();
  expect(breaksOf(seconds(0, 300, 60), 60)).toBeUndefined();
});

test('a sample that is missing or late is no break', () => {
  expect(breaksOf([...seconds(0, 50), ...seconds(55, 100), 50], 5)).toBeUndefined();
  expect(breaksOf([...seconds(0, 50), ...seconds(60, 100)], 5)).toBeUndefined();
});

test('adds the time that no sample covers, and returns the begin of the first', () => {
  const flapping = [...seconds(1_000, 1_030), ...seconds(1_055, 1_085), ...seconds(1_110, 1_140)];

  // From 1025 to 1055 and from 1080 to 1110, 30 s each.
  expect(breaksOf(flapping, 5)).toEqual({ since: 1_025_000, ms: 50_000 });
  expect(breaksOf(flapping.toReversed(), 5)).toEqual({ since: 1_025_000, ms: 50_000 });
});

test.each([1, 2, 3])('a push of %i samples a minute is interrupted', (count) => {
  const minutes = [0, 60, 120, 180, 240];
  const bursts = minutes.flatMap((minute) => seconds(minute, minute + 5 * count));

  expect(breaksOf(bursts, 5)).toEqual({ since: 5000 * (count - 1), ms: 4 * (60 - 5 * count) * 1000 });
});
