import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRecent } from '../../src/status/recent.ts';
import { noon, pushSample, samplesBetween } from '../support/samples.ts';

test('returns the samples of the last five minutes, oldest first', () => {
  const recent = createRecent();

  recent.add('a', samplesBetween(noon - 600_000, noon));
  const points = recent.points('a', noon);

  expect(points).toHaveLength(59);
  expect(points[0]).toEqual({ measuredAt: noon - 295_000, framesPerSecond: 25, bitsPerSecond: 2_000_000 });
  expect(points.at(-1)?.measuredAt).toBe(noon - 5_000);
});

test('expires samples after five minutes, even without new samples', () => {
  const recent = createRecent();
  recent.add('a', [pushSample({ measuredAt: noon })]);

  expect(recent.points('a', noon + 299_999)).toHaveLength(1);
  expect(recent.points('a', noon + 300_000)).toEqual([]);
});

test('distinguishes unknown values from zero', () => {
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

test('rounds frame rates to 0.001 and clamps bit rates to 32 bits', () => {
  const recent = createRecent();

  recent.add('a', [pushSample({ framesPerSecond: 29.9704, bitsPerSecond: 1e12 })]);

  expect(recent.points('a', noon)).toEqual([
    { measuredAt: noon, framesPerSecond: 29.97, bitsPerSecond: 4_294_967_294 },
  ]);
});

test('ignores an identical sample, and keeps another value of the same second', () => {
  const recent = createRecent();

  recent.add('a', [pushSample(), pushSample()]);
  recent.add('a', [pushSample(), pushSample({ framesPerSecond: 30, clientIp: '192.0.2.11' }), pushSample()]);

  expect(recent.points('a', noon).map(({ framesPerSecond }) => framesPerSecond)).toEqual([25, 30]);
});

test('separates streams, and drops one', () => {
  const recent = createRecent();
  recent.add('a', [pushSample()]);
  recent.add('b', [pushSample(), pushSample({ measuredAt: noon + 5_000 })]);

  recent.drop('a');

  expect(recent.points('a', noon)).toEqual([]);
  expect(recent.points('b', noon)).toHaveLength(2);
});

test('notes an interruption from 30 % of five minutes on, since its first break, until the push is steady', () => {
  const recent = createRecent();
  const flap = (from: number, to: number) => {
    for (let at = from; at < to; at += 60_000) recent.add('a', samplesBetween(noon + at, noon + at + 35_000));
  };

  flap(0, 180_000);
  expect(recent.interruption('a')).toBeUndefined();
  flap(180_000, 600_000);
  // Four breaks of 25 s in five minutes; the first one began 30 s after noon.
  expect(recent.interruption('a')).toEqual({ since: noon + 30_000, ms: 100_000 });

  recent.add('a', samplesBetween(noon + 600_000, noon + 900_000));
  expect(recent.interruption('a')).toBeUndefined();

  flap(900_000, 1_500_000);
  expect(recent.interruption('a')).toMatchObject({ ms: 100_000 });
  recent.drop('a');
  expect(recent.interruption('a')).toBeUndefined();
});

test('late samples of more than five minutes ago add no break to a short one', () => {
  const recent = createRecent();
  recent.add('a', samplesBetween(noon, noon + 30_000));
  recent.add('a', samplesBetween(noon + 180_000, noon + 330_000));
  recent.add('a', samplesBetween(noon + 30_000, noon + 180_000));

  for (let at = noon + 350_000; at < noon + 900_000; at += 5_000) {
    recent.add('a', [pushSample({ measuredAt: at })]);
    expect(recent.interruption('a'), `${at - noon}`).toBeUndefined();
  }
});

test('a break that late samples fill begins no interruption', () => {
  const recent = createRecent();
  recent.add('a', samplesBetween(noon, noon + 35_000));
  recent.add('a', samplesBetween(noon + 180_000, noon + 245_000));
  expect(recent.interruption('a')?.since).toBe(noon + 30_000);

  recent.add('a', samplesBetween(noon + 35_000, noon + 180_000));
  expect(recent.interruption('a')).toBeUndefined();
  recent.add('a', samplesBetween(noon + 245_000, noon + 365_000));
  recent.add('a', samplesBetween(noon + 480_000, noon + 500_000));

  expect(recent.interruption('a')).toEqual({ since: noon + 360_000, ms: 115_000 });
});

test('a break that late samples fill begins no interruption, also if a short one stays', () => {
  const recent = createRecent();
  recent.add('a', samplesBetween(noon, noon + 40_000));
  recent.add('a', [pushSample({ measuredAt: noon + 185_000 })]);
  recent.add('a', samplesBetween(noon + 205_000, noon + 250_000));
  expect(recent.interruption('a')?.since).toBe(noon + 35_000);

  recent.add('a', samplesBetween(noon + 40_000, noon + 185_000));
  expect(recent.interruption('a')).toBeUndefined();
  recent.add('a', samplesBetween(noon + 250_000, noon + 400_000));
  recent.add('a', samplesBetween(noon + 510_000, noon + 520_000));

  expect(recent.interruption('a')).toEqual({ since: noon + 395_000, ms: 110_000 });
});

test('an interruption begins later if late samples fill its first break', () => {
  const recent = createRecent();
  recent.add('a', samplesBetween(noon, noon + 35_000));
  recent.add('a', samplesBetween(noon + 60_000, noon + 75_000));
  recent.add('a', samplesBetween(noon + 180_000, noon + 185_000));
  expect(recent.interruption('a')?.since).toBe(noon + 30_000);

  recent.add('a', samplesBetween(noon + 35_000, noon + 60_000));

  expect(recent.interruption('a')).toEqual({ since: noon + 70_000, ms: 105_000 });
});

test('an interruption goes on if the push was steady for less than five minutes', () => {
  const recent = createRecent();
  const flap = (from: number, to: number) => {
    for (let at = from; at < to; at += 60_000) recent.add('a', [pushSample({ measuredAt: noon + at })]);
  };

  flap(0, 300_000);
  expect(recent.interruption('a')).toEqual({ since: noon, ms: 220_000 });
  for (const sample of samplesBetween(noon + 300_000, noon + 540_000)) recent.add('a', [sample]);
  expect(recent.interruption('a')).toBeUndefined();
  flap(540_000, 840_000);
  expect(recent.interruption('a')).toMatchObject({ since: noon });
});

test('samples that cover a minute are no interruption, and neither is the change to and from them', () => {
  const recent = createRecent();
  const add = (from: number, to: number, periodMs: number) => {
    for (let at = from; at < to; at += periodMs) {
      recent.add('a', [pushSample({ measuredAt: noon + at, periodMs })]);
      expect(recent.interruption('a'), `${at}`).toBeUndefined();
    }
  };

  add(0, 300_000, 5000);
  add(355_000, 1_255_000, 60_000);
  add(1_200_000, 1_250_000, 5000);
  // A short break, which is no reason to see breaks between the samples of a minute before.
  add(1_275_000, 1_800_000, 5000);
});

test('returns only new samples hours later', () => {
  const recent = createRecent();
  recent.add('a', samplesBetween(noon - 60_000, noon));

  // One cycle of the 12-bit seconds, and one second more than the next.
  for (const later of [4_096_000, 8_193_000]) recent.add('a', [pushSample({ measuredAt: noon + later })]);

  expect(recent.points('a', noon).map(({ measuredAt }) => measuredAt)).toEqual([noon + 8_193_000]);
});

test('ignores samples that are hours older than the newest', () => {
  const recent = createRecent();

  // The same 12-bit second as the newest sample.
  recent.add('a', [pushSample(), pushSample({ measuredAt: noon - 4_096_000, framesPerSecond: 30 })]);

  expect(recent.points('a', noon)).toEqual([
    { measuredAt: noon, framesPerSecond: 25, bitsPerSecond: 2_000_000 },
  ]);
});

test('keeps the samples of more streams than fit into one slab', () => {
  const recent = createRecent();
  const rates = Array.from({ length: 100 }, (_, index) => index);

  for (const rate of rates) recent.add(`stream ${rate}`, [pushSample({ framesPerSecond: rate })]);

  expect(rates.map((rate) => recent.points(`stream ${rate}`, noon)[0]?.framesPerSecond)).toEqual(rates);
});

test('keeps growing streams apart in one slab, also after a drop', () => {
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

test('evicts the oldest of more than 128 samples in five minutes', () => {
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

test('returns the same points whatever the order of the samples', () => {
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
      (shuffled, cut) => {
        const recent = createRecent();
        recent.add('a', shuffled.slice(0, cut));
        recent.add('a', shuffled.slice(cut));

        expect(recent.points('a', noon)).toEqual(inOrder.points('a', noon));
      },
    ),
    { numRuns: 50 },
  );
});
