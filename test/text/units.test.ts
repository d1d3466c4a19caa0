import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isTimeZone,
  parseBitrate,
  parseClockTime,
  parseDays,
  parseDuration,
  parseZoneOffset,
  toDurationText,
} from '../../src/text/units.ts';

test('durations are sums of days, hours, minutes, seconds and milliseconds, in that order', () => {
  expect(['0s', '500ms', '5s', '10m', '1h30m', '30d', '1d2h3m4s5ms'].map(parseDuration)).toEqual([
    0, 500, 5_000, 600_000, 5_400_000, 2_592_000_000, 93_784_005,
  ]);
  expect(['', '5', '5 s', '-5s', '1.5h', '30m1h', '5S', '1w', 's'].map(parseDuration)).toEqual(
    Array(9).fill(undefined),
  );
});

test('a duration written out is read back as the same', () => {
  expect([0, 5_000, 5_400_000, 93_784_005].map(toDurationText)).toEqual(['0s', '5s', '1h30m', '1d2h3m4s5ms']);
  fc.assert(
    fc.property(fc.nat(10_000_000_000), (ms) => {
      expect(parseDuration(toDurationText(ms))).toBe(ms);
    }),
  );
});

test('bit rates need their unit, and become whole bits per second', () => {
  expect(['800bit', '2500kbit', '2.5Mbit', '0.3333kbit', '1Gbit'].map(parseBitrate)).toEqual([
    800, 2_500_000, 2_500_000, 333, 1_000_000_000,
  ]);
  expect(['2500', '2500kbps', '2.5mbit', '.5Mbit', '-1Mbit', '1 Mbit', '2500KB'].map(parseBitrate)).toEqual(
    Array(7).fill(undefined),
  );
});

test('zone offsets are signed hours and minutes, as far as there are zones', () => {
  expect(['+08:00', '-03:30', '+00:00', '-00:00', '+14:00', '-12:00'].map(parseZoneOffset)).toEqual([
    28_800_000, -12_600_000, 0, 0, 50_400_000, -43_200_000,
  ]);
  expect(['08:00', '+8:00', '+0800', '+14:30', '-12:30', '+08:60', 'Z', 'UTC'].map(parseZoneOffset)).toEqual(
    Array(8).fill(undefined),
  );
});

test('times of day go to the end of the day', () => {
  expect(['00:00', '9:05', '09:05', '23:59', '24:00'].map(parseClockTime)).toEqual([0, 545, 545, 1439, 1440]);
  expect(['24:01', '12:60', '9', '9am', '09:00:00', ''].map(parseClockTime)).toEqual(
    Array(6).fill(undefined),
  );
});

test('days may be listed, and go on over the end of the week', () => {
  expect(
    ['mon-fri', 'sat,sun', 'sun', 'fri-mon', 'mon-sun', 'mon, mon-tue', 'wed-wed'].map(parseDays),
  ).toEqual([[1, 2, 3, 4, 5], [0, 6], [0], [0, 1, 5, 6], [0, 1, 2, 3, 4, 5, 6], [1, 2], [3]]);
  expect(['', 'monday', 'Mon', 'mon-', 'mon;tue', '1-5', 'mon,'].map(parseDays)).toEqual(
    Array(7).fill(undefined),
  );
});

test('a time zone is one that Node knows by an IANA name', () => {
  expect(['Asia/Shanghai', 'UTC', 'Europe/Berlin'].map(isTimeZone)).toEqual([true, true, true]);
  expect(['Mars/Olympus', '+08:00', '', 'Asia/Shanghai '].map(isTimeZone)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
