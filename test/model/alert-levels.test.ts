import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AlertLevels, judgeSamples } from '../../src/model/alert-levels.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import { alwaysLive, noExpectation, noon, pushSample } from '../support/samples.ts';

const options = { expectation: alwaysLive, staleAfterMs: 30_000 };

/** Returns samples with these frame rates, one every five seconds; null: there is no sample. */
function pushed(...rates: readonly (number | undefined | null)[]): readonly PushSample[] {
  return rates.flatMap((framesPerSecond, i) =>
    framesPerSecond === null ? [] : [pushSample({ measuredAt: noon + i * 5000, framesPerSecond })],
  );
}

/** Returns the starts of the firing alerts in seconds after noon. */
function firing(levels: AlertLevels | undefined): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(levels ?? {}).flatMap(([name, level]) =>
      level?.isFiring ? [[name, (level.since - noon) / 1000]] : [],
    ),
  );
}

test('fires at the second low sample, from the first one on', () => {
  expect(firing(judgeSamples(undefined, pushed(25, 19.9), options))).toEqual({});
  expect(firing(judgeSamples(undefined, pushed(25, 19.9, 12), options))).toEqual({ fpsLow: 5 });
});

test('fires at the second sample without video, and says nothing about a low frame rate', () => {
  expect(firing(judgeSamples(undefined, pushed(25, 0), options))).toEqual({});
  expect(firing(judgeSamples(undefined, pushed(25, 0, 0), options))).toEqual({ stalled: 5 });
});

test('takes a sample with less than half of its video for a stall', () => {
  const stalled = [0, 5000].map((ms) => pushSample({ measuredAt: noon + ms, videoMs: 2400 }));

  expect(firing(judgeSamples(undefined, stalled, options))).toEqual({ stalled: 0 });
});

test('ends after 30 s of good samples, and not before', () => {
  const low = [10, 10, 10, 10];

  expect(firing(judgeSamples(undefined, pushed(...low, 25, 25, 25, 25, 25), options))).toEqual({ fpsLow: 0 });
  expect(judgeSamples(undefined, pushed(...low, 25, 25, 25, 25, 25, 25), options)).toBe(undefined);
});

test('fires for a frame rate that is low every other sample, and never for every third', () => {
  expect(firing(judgeSamples(undefined, pushed(10, 25, 10, 25, 10), options))).toEqual({ fpsLow: 0 });
  const everyThird = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 10 : 25));
  expect(firing(judgeSamples(undefined, pushed(...everyThird), options))).toEqual({});
});

test('lets an unknown frame rate neither raise nor end an alert', () => {
  expect(firing(judgeSamples(undefined, pushed(10, undefined, undefined), options))).toEqual({});
  const unknown = Array.from({ length: 20 }, () => undefined);
  expect(firing(judgeSamples(undefined, pushed(10, 10, ...unknown), options))).toEqual({ fpsLow: 0 });
});

test('starts anew after the end of a push', () => {
  const ended = [null, null, null, null, null, null, null];

  expect(firing(judgeSamples(undefined, pushed(10, 10, ...ended, 10), options))).toEqual({});
  expect(firing(judgeSamples(undefined, pushed(10, 10, ...ended, 10, 10), options))).toEqual({ fpsLow: 45 });
});

test('fires at the first bad sample if it covers a minute', () => {
  const minute = pushSample({ periodMs: 60_000, framesPerSecond: 10 });

  expect(firing(judgeSamples(undefined, [minute], options))).toEqual({ fpsLow: 0 });
});

test('judges only what the config expects', () => {
  const low = pushed(10, 10, 0, 0);

  expect(firing(judgeSamples(undefined, low, { ...options, expectation: noExpectation }))).toEqual({
    stalled: 10,
  });
  const audioOnly = { ...noExpectation, isAudioOnly: true };
  expect(judgeSamples(undefined, low, { ...options, expectation: audioOnly })).toBe(undefined);
});

test('ends an alert if the config no longer expects the frame rate', () => {
  const before = judgeSamples(undefined, pushed(10, 10), options);

  expect(judgeSamples(before, [], { ...options, expectation: noExpectation })).toBe(undefined);
});

test('ignores samples of other streams', () => {
  const other = pushed(0, 0, 10, 10).map((sample) => ({ ...sample, stream: 'other' }));

  expect(judgeSamples(undefined, other, options)).toBe(undefined);
});

const sample = fc.record({
  gapMs: fc.constantFrom(0, 4995, 5000, 5005, 60_000),
  periodMs: fc.constantFrom(5000, 5004, 60_000),
  framesPerSecond: fc.constantFrom(0, 10, 25, undefined),
  videoMs: fc.constantFrom(undefined, 0, 5000),
});

test('does not depend on how a history is split', () => {
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 60 }), fc.nat(60), fc.nat(60), (parts, a, b) => {
      let at = noon;
      const samples = parts.map(({ gapMs, ...part }) => {
        at += gapMs;
        return pushSample({ ...part, measuredAt: at });
      });
      const [first = 0, second = 0] = [a, b].sort((x, y) => x - y);

      let levels: AlertLevels | undefined;
      for (const part of [samples.slice(0, first), samples.slice(first, second), samples.slice(second)]) {
        levels = judgeSamples(levels, part, options);
      }

      expect(levels).toEqual(judgeSamples(undefined, samples, options));
    }),
    { numRuns: 1000 },
  );
});
