import { expect, test } from 'vitest';
import { ageText, bitRateText, fpsText, time, timeText } from '../../src/server/quantity.ts';
import { english } from '../../src/server/words-en.ts';
import { chinese } from '../../src/server/words-zh.ts';

test.each([
  [0, '0'],
  [24.84, '24.8'],
  [25, '25'],
  [0.04, '0'],
])('formats %d fps as %s', (fps, text) => {
  expect(fpsText(fps)).toBe(text);
});

test.each([
  [0, '0 bit/s'],
  [999, '999 bit/s'],
  [98_000, '98.0 kbit/s'],
  [850_400, '850 kbit/s'],
  [999_499, '999 kbit/s'],
  [999_500, '1.00 Mbit/s'],
  [2_414_000, '2.41 Mbit/s'],
  [12_340_000_000, '12340 Mbit/s'],
])('formats %d bit/s as %s', (bitsPerSecond, text) => {
  expect(bitRateText(bitsPerSecond)).toBe(text);
});

test.each([
  [-3, '0\u00a0s'],
  [8.4, '8\u00a0s'],
  [99, '99\u00a0s'],
  [100, '2\u00a0min'],
  [5_940, '99\u00a0min'],
  [6_000, '2\u00a0h'],
  [172_799, '48\u00a0h'],
  [259_200, '3\u00a0d'],
])('formats %d s as %s', (seconds, text) => {
  expect(ageText(seconds, english)).toBe(text);
});

test('formats a time in UTC, to the second', () => {
  expect(timeText('2026-03-01T12:00:05.999Z')).toBe('2026-03-01 12:00:05 UTC');
});

test('formats a duration in Chinese', () => {
  expect(ageText(300, chinese)).toBe('5\u00a0分钟');
});

test('shows the date of a time only if it is not that of now', () => {
  const now = '2026-03-01T12:00:05.000Z';

  expect(time('2026-03-01T00:00:01.000Z', now).markup).toBe(
    '<time datetime="2026-03-01T00:00:01.000Z">00:00:01 UTC</time>',
  );
  expect(time('2026-02-28T23:59:59.000Z', now).markup).toContain('>2026-02-28 23:59:59 UTC<');
});
