import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTime } from '../../../src/providers/tencent/times.ts';

const beijing = 8 * 3_600_000;
/** 2016-01-20T08:50:31Z. */
const at = 1_453_279_831_000;

test.each<[unknown, number]>([
  [1_453_279_831, at],
  ['1453279831', at],
  [' 1453279831 ', at],
  [1_453_279_831_250, at + 250],
  ['1453279831250', at + 250],
  ['2016-01-20T08:50:31Z', at],
  ['2016-01-20T16:50:31+08:00', at],
  ['2016-01-20T16:50:31.5+0800', at + 500],
  ['2016-01-20T05:20:31-03:30', at],
])('parses %j regardless of the configured time zone', (raw, expected) => {
  expect(parseTime(raw, beijing)).toEqual({ at: expected, naive: false });
  expect(parseTime(raw, 0)).toEqual({ at: expected, naive: false });
});

test.each<[string, number]>([
  ['2016-01-20 16:50:31', at],
  ['2016-01-20T16:50:31', at],
  ['2016-01-20 16:50:31.8', at + 800],
  ['2016-01-20 16:50:31.87', at + 870],
  ['2016-01-20 16:50:31.876543', at + 876],
  ['2016-01-20 16:50:31.876543219', at + 876],
])('parses %j in the configured time zone', (raw, expected) => {
  expect(parseTime(raw, beijing)).toEqual({ at: expected, naive: true });
  expect(parseTime(raw, 0)).toEqual({ at: expected + beijing, naive: true });
});

test.each<[unknown]>([
  [''],
  [' '],
  [0],
  ['0'],
  ['0000000000'],
  [-1_453_279_831],
  [145_327_983],
  [14_532_798_310],
  [1_453_279_831.5],
  [Number.NaN],
  [undefined],
  [null],
  [true],
  [[1_453_279_831]],
  [{}],
  ['yesterday'],
  ['2016-01-20'],
  ['2016-01-20 16:50'],
  ['16:50:31'],
  ['2016-13-20 16:50:31'],
  ['2016-02-30 16:50:31'],
  ['2015-02-29 16:50:31'],
  ['2016-01-20 24:00:00'],
  ['2016-01-20 16:60:31'],
  ['2016-01-20 16:50:60'],
  ['0000-00-00 00:00:00'],
  ['2016-01-20T16:50:31+25:00'],
  ['2016-01-20T16:50:31 CST'],
  ['2016-01-20 16:50:31\n2016'],
])('rejects %j', (raw) => {
  expect(parseTime(raw, beijing)).toBeUndefined();
});

test('round-trips every second of these decades in each format', () => {
  const seconds = fc.integer({ min: 1_000_000_000, max: 4_000_000_000 });
  const offsets = fc.integer({ min: -12 * 4, max: 14 * 4 }).map((quarters) => quarters * 900_000);

  fc.assert(
    fc.property(seconds, offsets, (second, offsetMs) => {
      const wall = new Date(second * 1000 + offsetMs).toISOString().slice(0, 19);
      const formats = [second, `${second}`, second * 1000, new Date(second * 1000).toISOString(), wall];

      const read = formats.map((raw) => parseTime(raw, offsetMs)?.at);

      expect(new Set(read)).toEqual(new Set([second * 1000]));
    }),
  );
});
