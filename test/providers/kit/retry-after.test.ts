import { afterEach, expect, test, vi } from 'vitest';
import { readRetryAfterMs } from '../../../src/providers/kit/retry-after.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each<[string | undefined, number | undefined]>([
  ['120', 120_000],
  ['0', 0],
  ['Thu, 01 Jan 1970 00:01:00 GMT', 50_000],
  ['Thu, 01 Jan 1970 00:00:10 GMT', 0],
  ['Thu, 01 Jan 1970 00:00:09 GMT', undefined],
  ['Thursday, 01-Jan-70 00:01:00 GMT', 50_000],
  ['Thu Jan  1 00:01:00 1970', 50_000],
  ['1970-01-01T00:01:00Z', undefined],
  ['60 GMT', undefined],
  ['-5', undefined],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('at 10 s after the epoch, parses a Retry-After of %j as %j ms', (header, ms) => {
  vi.stubEnv('TZ', 'Asia/Shanghai');

  expect(readRetryAfterMs(header, 10_000)).toBe(ms);
});
