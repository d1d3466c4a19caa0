import { expect, test } from 'vitest';
import { readLocalMs, readMediaMs } from '../../../../src/providers/tencent/api3/elapsed.ts';

test.each([
  [5_000, 5_000],
  ['5032', 5_032],
  [5_003.6, 5_004],
  [1_000, 1_000],
  [60_000, 60_000],
  [999, undefined],
  [60_001, undefined],
  [-5_000, undefined],
  [null, undefined],
])('reads the local time %j as %j ms', (value, ms) => {
  expect(readLocalMs(value)).toBe(ms);
});

test.each([
  ['a smooth push', 5_032, 5_032],
  ['a text', '5004', 5_004],
  ['a fraction', 4_999.6, 5_000],
  ['a stall', 1, 1],
  ['a backlog', 65_000, 65_000],
  ['more than a backlog, as of a timestamp that jumps', 65_001, undefined],
  ['a timestamp that was set back', 2 ** 64 - 5_000, undefined],
  ['a negative number', -1, undefined],
  ['no number', null, undefined],
])('reads the media time of %s', (_what, value, ms) => {
  expect(readMediaMs(value, 25, 5_000)).toBe(ms);
});

test('takes 0 for unknown unless there were no frames', () => {
  expect([0, 25, undefined].map((frames) => readMediaMs(0, frames, 5_000))).toEqual([
    0,
    undefined,
    undefined,
  ]);
});

test('reads no media time if the time that the row covers is unknown', () => {
  expect(readMediaMs(5_000, 25, undefined)).toBeUndefined();
});
