import { expect, test } from 'vitest';
import { toleranceOf } from '../../src/collectors/clock-skew-tolerance.ts';

const push = (lookbackMs: number, staleAfterMs = 600_000) => ({ lookbackMs, staleAfterMs });

test('tolerates the shortest lookback, at most a minute', () => {
  const control = [{ lookbackMs: 90_000 }];
  const lookbacks = [push(90_000), push(20_000), push(60_000)];

  expect(toleranceOf({ push: lookbacks, control, discovery: [] }, 5_000)).toBe(20_000);
  expect(toleranceOf({ push: [push(90_000)], control, discovery: [] }, 5_000)).toBe(60_000);
  expect(toleranceOf({ push: [], control, discovery: [] }, 5_000)).toBe(60_000);
  expect(toleranceOf({ push: [], control: [{ lookbackMs: 20_000 }], discovery: [] }, 5_000)).toBe(20_000);
  expect(toleranceOf({ push: [], control: [], discovery: [] }, 5_000)).toBe(60_000);
});

test('tolerates a clock ahead as long as a sample of one period looks fresh', () => {
  const targets = {
    push: [push(60_000, 60_000), push(60_000, 30_000)],
    control: [{ lookbackMs: 600_000 }],
    discovery: [],
  };

  expect(toleranceOf(targets, 5_000)).toBe(25_000);
  expect(toleranceOf(targets, 1_000)).toBe(29_000);
});

test('accepts a synchronized clock with the shortest times that a config can set', () => {
  expect(toleranceOf({ push: [push(5_000, 5_000)], control: [], discovery: [] }, 5_000)).toBe(3_000);
});

test('tolerates only what the settings of discovered streams allow, even before any is discovered', () => {
  const discovery = [{ push: push(60_000, 20_000) }];

  expect(toleranceOf({ push: [], control: [], discovery }, 5_000)).toBe(15_000);
});
