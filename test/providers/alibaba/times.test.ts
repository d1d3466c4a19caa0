import { expect, test } from 'vitest';
import { parseAlibabaTime, toAlibabaTime } from '../../../src/providers/alibaba/times.ts';

test.each([
  [0, '1970-01-01T00:00:00Z'],
  [1_751_859_422_000, '2025-07-07T03:37:02Z'],
  [1_751_859_422_999, '2025-07-07T03:37:02Z'],
])('formats %d as %s', (at, text) => {
  expect(toAlibabaTime(at)).toBe(text);
});

test.each<[unknown, number | undefined]>([
  ['2025-07-07T03:37:02Z', 1_751_859_422_000],
  [' 2025-07-07T03:37:02Z ', 1_751_859_422_000],
  ['2025-07-07T03:37:02.750Z', 1_751_859_422_000],
  ['2024-02-29T23:59:59Z', 1_709_251_199_000],
  ['2025-02-29T23:59:59Z', undefined],
  ['2025-07-07T24:00:00Z', undefined],
  ['2025-13-07T03:37:02Z', undefined],
  ['2025-07-07T03:37:02', undefined],
  ['2025-07-07 03:37:02Z', undefined],
  ['2025-07-07', undefined],
  ['', undefined],
  [1_751_859_422, undefined],
  [null, undefined],
])('parses %j as %j', (text, at) => {
  expect(parseAlibabaTime(text)).toBe(at);
});
