import { expect, test } from 'vitest';
import { toleranceOf } from '../../src/calls/clock-tolerance.ts';

test('a clock may be wrong by the shortest lookback, and by a minute at most', () => {
  expect(toleranceOf([{ lookbackMs: 90_000 }, { lookbackMs: 20_000 }, { lookbackMs: 60_000 }])).toBe(20_000);
  expect(toleranceOf([{ lookbackMs: 90_000 }])).toBe(60_000);
  expect(toleranceOf([])).toBe(60_000);
});
