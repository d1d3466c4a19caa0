import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRecent } from '../../src/status/recent.ts';
import { noon, pushSample, samplesBetween } from '../support/samples.ts';

test('the samples of the last five minutes come back, the oldest first', () => {
  const recent = createRecent();

  recent.add('a', samplesBetween(noon - 600_000, noon));
  const points = recent.points('a', noon);

  expect(points).toHaveLength(59);
  expect(points[0]).toEqual({ measuredAt: noon - 295_000, framesPerSecond: 25, bitsPerSecond: 2_000_000 });
  expect(points.at(-1)?.measuredAt).toBe(noon - 5_000);
});

test('what was five minutes ago is gone, also when nothing new came', () => {
  const recent = createRecent();
  recent.add('a', [pushSample({ measuredAt: noon })]);

  expect(recent.points('a', noon + 299_999)).toHaveLength(1);
  expect(recent.points('a', noon + 300_000)).toEqual([]);
});

test('unknown is not zero', () => {
  const recent = createRecent();

  recent.add('a', [
    pushSample({ measuredAt: noon, framesPerSecond: 0, bitsPerSecond: undefined }),
    pushSample({ measuredAt: noon + 5_000, framesPerSecond: undefined, bitsPerSecond: 0 }),
  ]);

  expect(recent.points('a', noon)).toEqual([
    { measuredAt: noon, framesPerSecond: 0, bitsPerSecond: undefined },
    { measuredAt: noon + 5_000, framesPerSecond: undefined, bitsPerSecond: 0 },
  ]);
});

test('frame rates are kept to a thousandth, and rates too large to keep are the largest', () => {
  const recent = createRecent();

  recent.add('a', [pushSample({ framesPerSecond: 29.9704, bitsPerSecond: 1e12 })]);

  expect(recent.points('a', noon)).toEqual([
    { measuredAt: noon, framesPerSecond: 29.97, bitsPerSecond: 4_294_967_294 },
  ]);
});

test('a sample told again is one point, another value at the same second is another', () => {
  const recent = createRecent();

  recent.add('a', [pushSample(), pushSample()]);
  recent.add('a', [pushSample(), pushSample({ framesPerSecond: 30, clientIp: '192.0.2.11' }), pushSample()]);

  expect(recent.points('a', noon).map(({ framesPerSecond }) => framesPerSecond)).toEqual([25, 30]);
});

test('streams are apart, and a dropped one is gone', () => {
  const recent = createRecent();
  recent.add('a', [pushSample()]);
  recent.add('b', [pushSample(), pushSample({ measuredAt: noon + 5_000 })]);

  recent.drop('a');

  expect(recent.points('a', noon)).toEqual([]);
  expect(recent.points('b', noon)).toHaveLength(2);
});

test('hours later only what is new is there', () => {
  const recent = createRecent();
  recent.add('a', samplesBetween(noon - 60_000, noon));

  // As far apart as seconds are told by a track, and one more.
  for (const later of [4_096_000, 8_193_000]) recent.add('a', [pushSample({ measuredAt: noon + later })]);

  expect(recent.points('a', noon).map(({ measuredAt }) => measuredAt)).toEqual([noon + 8_193_000]);
});

test('the room of a dropped stream is used again, without what was in it', () => {
  const recent = createRecent();
  const eachSecond = Array.from({ length: 100 }, (_, i) => pushSample({ measuredAt: noon + i * 1_000 }));
  recent.add('a', eachSecond);
  recent.drop('a');

  recent.add('b', eachSecond.slice(0, 70));
  recent.add('c', [pushSample()]);
  recent.add('b', eachSecond.slice(70));

  expect(recent.points('b', noon)).toHaveLength(100);
  expect(recent.points('b', noon).map(({ measuredAt }) => measuredAt)).toEqual(
    eachSecond.map(({ measuredAt }) => measuredAt),
  );
  expect(recent.points('c', noon)).toHaveLength(1);
});

test('of a stream with a sample each second the newest are kept, within a bound', () => {
  const recent = createRecent();

  recent.add(
    'a',
    Array.from({ length: 300 }, (_, i) => pushSample({ measuredAt: noon + i * 1_000 })),
  );
  const points = recent.points('a', noon + 299_000);

  expect(points).toHaveLength(128);
  expect(points.at(0)?.measuredAt).toBe(noon + 172_000);
  expect(points.at(-1)?.measuredAt).toBe(noon + 299_000);
});

test('the order of telling changes nothing', () => {
  const samples = samplesBetween(noon - 400_000, noon).map((sample, i) => ({
    ...sample,
    framesPerSecond: i,
  }));
  const inOrder = createRecent();
  inOrder.add('a', samples);

  fc.assert(
    fc.property(
      fc.shuffledSubarray(samples, { minLength: samples.length }),
      fc.nat(samples.length),
      (told, cut) => {
        const recent = createRecent();
        recent.add('a', told.slice(0, cut));
        recent.add('a', told.slice(cut));

        expect(recent.points('a', noon)).toEqual(inOrder.points('a', noon));
      },
    ),
    { numRuns: 50 },
  );
});
