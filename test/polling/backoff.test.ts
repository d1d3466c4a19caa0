import { expect, test } from 'vitest';
import { afterFailure, type Backoff, nextDueAt, resetBackoff } from '../../src/polling/backoff.ts';

/** Next due times after repeated failures of the same kind, with runs that start when they are due. */
function dueTimes(failure: Parameters<typeof afterFailure>[1], intervalMs: number, runs: number): number[] {
  const times: number[] = [];
  let backoff: Backoff | undefined;
  for (let at = 0; times.length < runs; at = times.at(-1) ?? 0) {
    backoff = afterFailure(backoff, failure, at);
    times.push(nextDueAt(at, intervalMs, backoff));
  }
  return times;
}

test('keeps the interval after a retryable failure', () => {
  expect(dueTimes({ kind: 'unavailable' }, 5000, 3)).toEqual([5000, 10_000, 15_000]);
});

test('doubles the interval up to a minute after a failure that is not retryable', () => {
  expect(dueTimes({ kind: 'auth' }, 5000, 6)).toEqual([5000, 15_000, 35_000, 75_000, 135_000, 195_000]);
});

test('never shortens an interval above a minute', () => {
  expect(dueTimes({ kind: 'auth' }, 90_000, 2)).toEqual([90_000, 180_000]);
});

test('obeys Retry-After for at most a minute', () => {
  expect(dueTimes({ kind: 'throttled', retryAfterMs: 20_000 }, 5000, 1)).toEqual([20_000]);
  expect(dueTimes({ kind: 'throttled', retryAfterMs: 3_600_000 }, 5000, 1)).toEqual([60_000]);
});

test('counts consecutive failures from the reset on', () => {
  const failing = afterFailure(afterFailure(undefined, { kind: 'auth' }, 0), { kind: 'auth' }, 0);
  expect(nextDueAt(0, 5000, failing)).toBe(10_000);

  expect(nextDueAt(0, 5000, afterFailure(resetBackoff, { kind: 'auth' }, 0))).toBe(5000);
});
