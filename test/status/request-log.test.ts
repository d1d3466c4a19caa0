import { expect, test } from 'vitest';
import type { RequestOutcome } from '../../src/model/request-outcome.ts';
import { createRequestLog } from '../../src/status/request-log.ts';
import { noon } from '../support/samples.ts';

const outcome: RequestOutcome = {
  window: { from: noon - 60_000, to: noon },
  tookMs: 120,
  rows: 12,
  counted: 1,
  skipped: 0,
  failure: undefined,
};

function setUp() {
  const { add, of } = createRequestLog();
  const requests = (key: string, count: number, from = 0) => {
    for (let i = 0; i < count; i++) add(key, noon + from + i, outcome);
  };
  return { requests, times: (key: string) => of(key).map(({ at }) => at - noon) };
}

test('returns the last requests of a target, newest first, with their outcomes', () => {
  const { add, of } = createRequestLog();
  const failure = { kind: 'throttled', message: 'tencent X: HTTP 429' };
  add('a', noon, outcome);
  add('b', noon, outcome);
  add('a', noon + 1, { ...outcome, rows: 0, counted: 0, failure });

  expect(of('a')).toEqual([
    { ...outcome, at: noon + 1, rows: 0, counted: 0, failure },
    { ...outcome, at: noon },
  ]);
  expect(of('c')).toEqual([]);
});

test('returns at most 20 requests', () => {
  const { requests, times } = setUp();
  requests('a', 25);

  expect(times('a')).toHaveLength(20);
  expect(times('a')[0]).toBe(24);
});

test('forgets requests of a target that nobody reads after 4,096 others', () => {
  const { requests, times } = setUp();
  requests('a', 1);
  requests('b', 4_095);
  requests('c', 4_095);

  expect([times('a'), times('b').length]).toEqual([[], 1]);
});

test('keeps the requests of the 64 targets that were read last', () => {
  const { requests, times } = setUp();
  requests('a', 2);
  expect(times('a')).toEqual([1, 0]);

  requests('b', 5_000);
  requests('a', 1, 9_000);
  requests('b', 5_000);
  expect(times('a')).toEqual([9_000, 1, 0]);

  for (let i = 0; i < 64; i++) times(`other ${i}`);
  requests('b', 5_000);
  expect(times('a')).toEqual([]);
});
