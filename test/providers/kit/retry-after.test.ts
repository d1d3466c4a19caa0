import { expect, test } from 'vitest';
import { readRetryAfterMs } from '../../../src/providers/kit/retry-after.ts';

test.each<[string | undefined, number | undefined]>([
  ['120', 120_000],
  ['0', 0],
  ['Thu, 01 Jan 1970 00:01:00 GMT', 50_000],
  ['Thu, 01 Jan 1970 00:00:09 GMT', undefined],
  ['-5', undefined],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('at 10 s after the epoch, parses a Retry-After of %j as %j ms', (header, ms) => {
  expect(readRetryAfterMs(header, 10_000)).toBe(ms);
});
