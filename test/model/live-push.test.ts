import { expect, test } from 'vitest';
import { livePush } from '../../src/model/live-push.ts';
import { noon, pushSample } from '../support/samples.ts';

const freshMs = 40_000;

test('returns undefined for an answer without a fresh sample', () => {
  expect(livePush(undefined, [], noon, freshMs)).toBeUndefined();
  expect(livePush(undefined, [pushSample({ measuredAt: noon - 40_001 })], noon, freshMs)).toBeUndefined();
});

test('returns the newest sample of each live publisher', () => {
  const old = pushSample({ measuredAt: noon - 10_000 });
  const newest = pushSample({ measuredAt: noon - 5000 });
  const other = pushSample({ clientIp: '192.0.2.99', measuredAt: noon - 7000 });

  expect(livePush(undefined, [newest, old, other], noon, freshMs)).toEqual({
    followed: newest,
    others: [other],
  });
});

test('keeps the followed publisher while it has a fresh sample, even if another is newer', () => {
  const first = livePush(undefined, [pushSample({ measuredAt: noon - 30_000 })], noon - 30_000, freshMs);
  const samples = [pushSample({ measuredAt: noon - 30_000 }), pushSample({ clientIp: '192.0.2.99' })];

  expect(livePush(first, samples, noon, freshMs)?.followed.clientIp).toBe('192.0.2.10');
  expect(livePush(first, samples, noon + 20_000, freshMs)?.followed.clientIp).toBe('192.0.2.99');
});

test('ignores a sample more than a minute ahead of the clock', () => {
  expect(livePush(undefined, [pushSample({ measuredAt: noon + 60_001 })], noon, freshMs)).toBeUndefined();
});
