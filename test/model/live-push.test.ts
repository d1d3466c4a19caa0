import { expect, test } from 'vitest';
import { livePush } from '../../src/model/live-push.ts';
import { maxPublishers } from '../../src/model/push-sample.ts';
import { noon, publishersAt, pushSample } from '../support/samples.ts';

const freshness = { expectedDelayMs: 10_000, staleAfterMs: 30_000 };

test('returns undefined for an answer without a fresh sample', () => {
  expect(livePush(undefined, [], noon, freshness)).toBeUndefined();
  expect(livePush(undefined, [pushSample({ measuredAt: noon - 40_001 })], noon, freshness)).toBeUndefined();
});

test('returns the newest sample of each live publisher', () => {
  const old = pushSample({ measuredAt: noon - 10_000 });
  const newest = pushSample({ measuredAt: noon - 5000 });
  const other = pushSample({ clientIp: '192.0.2.99', measuredAt: noon - 7000 });

  expect(livePush(undefined, [newest, old, other], noon, freshness)).toEqual({
    followed: newest,
    others: [other],
  });
});

test('keeps the followed publisher while it has a fresh sample, even if another is newer', () => {
  const first = livePush(undefined, [pushSample({ measuredAt: noon - 30_000 })], noon - 30_000, freshness);
  const samples = [pushSample({ measuredAt: noon - 30_000 }), pushSample({ clientIp: '192.0.2.99' })];

  expect(livePush(first, samples, noon, freshness)?.followed.clientIp).toBe('192.0.2.10');
  expect(livePush(first, samples, noon + 20_000, freshness)?.followed.clientIp).toBe('192.0.2.99');
});

test('ignores a sample more than a minute ahead of the clock', () => {
  expect(livePush(undefined, [pushSample({ measuredAt: noon + 60_001 })], noon, freshness)).toBeUndefined();
});

test('returns at most 16 publishers, the newest first, and the number of the others', () => {
  const old = publishersAt(noon - 10_000, 0, 50_000);
  const recent = publishersAt(noon - 5000, 50_000, 50_010);

  const live = livePush(undefined, [...old, ...recent], noon, freshness);

  expect([live?.followed, ...(live?.others ?? [])].slice(0, 10)).toEqual(recent);
  expect(live?.others).toHaveLength(15);
  expect(live?.dropped).toBe(50_010 - 16);
});

test('counts each of many publishers once, with its newest sample', () => {
  const samples = [
    ...publishersAt(noon - 10_000, 0, 20),
    ...publishersAt(noon - 5000, 0, 20),
    ...publishersAt(noon - 8000, 0, 20),
  ];

  const live = livePush(undefined, samples, noon, freshness);

  expect(live).toEqual({
    followed: publishersAt(noon - 5000, 0, 1)[0],
    others: publishersAt(noon - 5000, 1, 16),
    dropped: 4,
  });
});

test('keeps the shown publishers while they have fresh samples, also if many newer ones appear', () => {
  const shown = publishersAt(noon - 5000, 0, maxPublishers);
  const before = livePush(undefined, shown, noon, freshness);

  const live = livePush(before, [...publishersAt(noon, 100, 200), ...shown], noon, freshness);

  expect(live).toEqual({ ...before, dropped: 100 });
});

test('follows the same publisher among many newer ones', () => {
  const [followed = pushSample()] = publishersAt(noon - 20_000, 0, 1);
  const before = livePush(undefined, [followed], noon - 20_000, freshness);

  const live = livePush(before, [...publishersAt(noon, 1, 100), followed], noon, freshness);

  expect(live).toMatchObject({ followed, dropped: 84 });
});

test.each([
  ['newer', { measuredAt: noon - 5000 }, { clientIp: undefined, serverIp: undefined }],
  ['older', { measuredAt: noon - 5000, clientIp: undefined }, {}],
])('shows one publisher if its address is unknown in the %s samples', (_, older, newest) => {
  const samples = [pushSample(older), pushSample({ ...newest, framesPerSecond: 24 })];

  for (const order of [samples, samples.toReversed()]) {
    expect(livePush(undefined, order, noon, freshness)).toEqual({
      followed: pushSample({ framesPerSecond: 24 }),
      others: [],
    });
  }
});

test('shows an unnamed publisher beside others, and beside one with samples of the same time', () => {
  const unnamed = pushSample({ clientIp: undefined });
  const older = pushSample({ measuredAt: noon - 5000 });
  const other = pushSample({ clientIp: '192.0.2.99', measuredAt: noon - 10_000 });

  expect(livePush(undefined, [unnamed, pushSample()], noon, freshness)?.others).toHaveLength(1);
  expect(livePush(undefined, [unnamed, older, other], noon, freshness)?.others).toHaveLength(2);
});
