import { expect, test } from 'vitest';
import { toleranceOf } from '../../src/collectors/clock-skew-tolerance.ts';

const push = (lookbackMs: number, staleAfterMs = 600_000) => ({ lookbackMs, staleAfterMs });

test('a clock may be wrong by the shortest lookback, and by a minute at most', () => {
  const control = [{ lookbackMs: 90_000 }];
  const lookbacks = [push(90_000), push(20_000), push(60_000)];

  expect(toleranceOf({ push: lookbacks, control }, 5_000)).toBe(20_000);
  expect(toleranceOf({ push: [push(90_000)], control }, 5_000)).toBe(60_000);
  expect(toleranceOf({ push: [], control }, 5_000)).toBe(60_000);
  expect(toleranceOf({ push: [], control: [{ lookbackMs: 20_000 }] }, 5_000)).toBe(20_000);
  expect(toleranceOf({ push: [], control: [] }, 5_000)).toBe(60_000);
});

test('it may be ahead as far as the newest sample, up to a period old by then, still looks fresh', () => {
  const targets = { push: [push(60_000, 60_000), push(60_000, 30_000)], control: [{ lookbackMs: 600_000 }] };

  expect(toleranceOf(targets, 5_000)).toBe(25_000);
  expect(toleranceOf(targets, 1_000)).toBe(29_000);
});

test('by the shortest times that a config may set, a clock that is kept right is still believed', () => {
  expect(toleranceOf({ push: [push(5_000, 5_000)], control: [] }, 5_000)).toBe(3_000);
});
