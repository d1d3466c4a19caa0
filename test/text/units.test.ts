import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  parseBitrate,
  parseClockTime,
  parseDays,
  parseDuration,
  parsePercent,
  toBitrateText,
  toDurationText,
} from '../../src/text/units.ts';

test('parses a duration as a sum of units in descending order', () => {
  expect(['0s', '500ms', '5s', '10m', '1h30m', '30d', '1d2h3m4s5ms'].map(parseDuration)).toEqual([
    0, 500, 5_000, 600_000, 5_400_000, 2_592_000_000, 93_784_005,
  ]);
  expect(['', '5', '5 s', '-5s', '1.5h', '30m1h', '5S', '1w', 's'].map(parseDuration)).toEqual(
    Array(9).fill(undefined),
  );
});

test('rejects a duration that is no exact number of milliseconds', () => {
  expect(parseDuration('9007199254740991ms')).toBe(Number.MAX_SAFE_INTEGER);
  expect(['9007199254740992ms', `${'9'.repeat(400)}s`].map(parseDuration)).toEqual([undefined, undefined]);
});

test('parses every duration that it formats', () => {
  expect([0, 5_000, 5_400_000, 93_784_005].map(toDurationText)).toEqual(['0s', '5s', '1h30m', '1d2h3m4s5ms']);
  fc.assert(
    fc.property(fc.nat(10_000_000_000), (ms) => {
      expect(parseDuration(toDurationText(ms))).toBe(ms);
    }),
  );
});

test('requires the unit of a bit rate and rounds to whole bits per second', () => {
  expect(['800bit', '2500kbit', '2.5Mbit', '0.3333kbit', '1Gbit'].map(parseBitrate)).toEqual([
    800, 2_500_000, 2_500_000, 333, 1_000_000_000,
  ]);
  expect(['2500', '2500kbps', '2.5mbit', '.5Mbit', '-1Mbit', '1 Mbit', '2500KB'].map(parseBitrate)).toEqual(
    Array(7).fill(undefined),
  );
});

test('parses a time of day up to 24:00', () => {
  expect(['00:00', '9:05', '09:05', '23:59', '24:00'].map(parseClockTime)).toEqual([0, 545, 545, 1439, 1440]);
  expect(['24:01', '12:60', '9', '9am', '09:00:00', ''].map(parseClockTime)).toEqual(
    Array(6).fill(undefined),
  );
});

test('parses lists and ranges of days, also across the end of the week', () => {
  expect(
    ['mon-fri', 'sat,sun', 'sun', 'fri-mon', 'mon-sun', 'mon, mon-tue', 'wed-wed'].map(parseDays),
  ).toEqual([[1, 2, 3, 4, 5], [0, 6], [0], [0, 1, 5, 6], [0, 1, 2, 3, 4, 5, 6], [1, 2], [3]]);
  expect(['', 'monday', 'Mon', 'mon-', 'mon;tue', '1-5', 'mon,'].map(parseDays)).toEqual(
    Array(7).fill(undefined),
  );
});

test.each([
  ['5s', 5_000],
  ['1m30s', 90_000],
  ['250ms', 250],
  ['0s', 0],
  ['2.5h', undefined],
  ['5', undefined],
  ['5 s', undefined],
  ['-5s', undefined],
  ['5sec', undefined],
  ['', undefined],
])('parses the duration %j as %j ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  ['2500kbit', 2_500_000],
  ['2.5Mbit', 2_500_000],
  ['128bit', 128],
  ['2500', undefined],
  ['2500kb', undefined],
])('parses the bit rate %j as %j bit/s', (text, bits) => {
  expect(parseBitrate(text)).toBe(bits);
});

test.each([
  ['60%', 0.6],
  ['0%', 0],
  ['60', undefined],
  ['-1%', undefined],
])('parses the percentage %j as %j', (text, ratio) => {
  expect(parsePercent(text)).toBe(ratio);
});

test('parses every bit rate that it formats', () => {
  expect([0, 1_234_567, 2_500_000].map(toBitrateText)).toEqual(['0kbit', '1234567bit', '2500kbit']);
  fc.assert(
    fc.property(fc.nat(), (bits) => {
      expect(parseBitrate(toBitrateText(bits))).toBe(bits);
    }),
  );
});
