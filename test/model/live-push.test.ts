import { expect, test } from 'vitest';
import { livePush } from '../../src/model/live-push.ts';
import { noon, pushSample } from '../support/samples.ts';

const freshMs = 40_000;

test('an answer without a fresh sample shows no push', () => {
  expect(livePush(undefined, [], noon, freshMs)).toBeUndefined();
  expect(livePush(undefined, [pushSample({ measuredAt: noon - 40_001 })], noon, freshMs)).toBeUndefined();
});

test('each live publisher shows its newest sample', () => {
  const old = pushSample({ measuredAt: noon - 10_000 });
  const newest = pushSample({ measuredAt: noon - 5000 });
  const other = pushSample({ clientIp: '192.0.2.99', measuredAt: noon - 7000 });

  expect(livePush(undefined, [newest, old, other], noon, freshMs)).toEqual({
    followed: newest,
    others: [other],
  });
});

test('the publisher followed is kept while it has a fresh sample, though another one is newer', () => {
  const first = livePush(undefined, [pushSample({ measuredAt: noon - 30_000 })], noon - 30_000, freshMs);
  const samples = [pushSample({ measuredAt: noon - 30_000 }), pushSample({ clientIp: '192.0.2.99' })];

  expect(livePush(first, samples, noon, freshMs)?.followed.clientIp).toBe('192.0.2.10');
  expect(livePush(first, samples, noon + 20_000, freshMs)?.followed.clientIp).toBe('192.0.2.99');
});

test('a sample more than a minute ahead of now is not shown', () => {
  expect(livePush(undefined, [pushSample({ measuredAt: noon + 60_001 })], noon, freshMs)).toBeUndefined();
});
