import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bitRateText,
  durationText,
  parseBitRate,
  parseDuration,
  parsePercent,
} from '../../../src/simulator/scenario/units.ts';

test.each([
  ['5s', 5_000],
  ['1m30s', 90_000],
  ['2.5h', 9_000_000],
  ['250ms', 250],
  ['0s', 0],
  ['5', undefined],
  ['5 s', undefined],
  ['-5s', undefined],
  ['5sec', undefined],
  ['', undefined],
])('the duration %j is %j ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  ['2500kbit', 2_500_000],
  ['2.5Mbit', 2_500_000],
  ['128bit', 128],
  ['2500', undefined],
  ['2500kb', undefined],
])('the bit rate %j is %j bit/s', (text, bits) => {
  expect(parseBitRate(text)).toBe(bits);
});

test.each([
  ['60%', 0.6],
  ['0%', 0],
  ['60', undefined],
  ['-1%', undefined],
])('the share %j is %j', (text, share) => {
  expect(parsePercent(text)).toBe(share);
});

test('a duration and a bit rate are read back as they were written', () => {
  fc.assert(fc.property(fc.nat(), (ms) => parseDuration(durationText(ms)) === ms));
  fc.assert(fc.property(fc.nat(), (bits) => parseBitRate(bitRateText(bits)) === bits));
});
