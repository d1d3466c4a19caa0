import { expect, test } from 'vitest';
import { noon, pushSample, samplesBetween } from '../support/samples.ts';
import { type Expected, judgedTruth } from './push-truth.ts';

const second = 1000;
const other = '203.0.113.9';
const expected: Expected = {
  framesPerSecond: 25,
  bitsPerSecond: 2_000_000,
  due: { from: noon, to: noon + 60 * second },
};
const atSecond = (at: number) => noon + at * second;

test('a condition counts the whole time of each sample in it, and a sample in two of them is bad once', () => {
  const samples = [
    pushSample({ measuredAt: atSecond(5) }),
    pushSample({ measuredAt: atSecond(10), framesPerSecond: 19 }),
    pushSample({ measuredAt: atSecond(15), framesPerSecond: 20, bitsPerSecond: 999_999 }),
    pushSample({ measuredAt: atSecond(20), framesPerSecond: 0, bitsPerSecond: 128_000 }),
  ];

  expect(judgedTruth(samples, expected)).toMatchObject({
    degradedMs: { low_fps: 5_000, no_video: 5_000, low_bitrate: 10_000 },
    badMs: 15_000,
  });
});

test('time is missing where the stream is due and no sample speaks for it', () => {
  const all = samplesBetween(atSecond(-20), atSecond(90));
  const holed = all.filter(({ measuredAt }) => measuredAt <= atSecond(20) || measuredAt > atSecond(35));

  expect(judgedTruth(all, expected).missingMs).toBe(0);
  expect(judgedTruth(holed, expected).missingMs).toBe(15_000);
  expect(judgedTruth([], expected).missingMs).toBe(60_000);
  expect(judgedTruth(samplesBetween(atSecond(15), atSecond(51)), expected).missingMs).toBe(20_000);
});

test('two publishers that are a little apart leave no time missing between them', () => {
  const samples = [
    ...samplesBetween(atSecond(0), atSecond(30)),
    ...samplesBetween(atSecond(32), atSecond(70)),
  ];

  expect(judgedTruth(samples, expected).missingMs).toBe(0);
});

test('a push begins with its first sample, and after more than half a minute without one', () => {
  const samples = [0, 5, 35, 66].map((at) => pushSample({ measuredAt: atSecond(at) }));
  const two = [...samples, pushSample({ measuredAt: atSecond(70), clientIp: other })];

  expect(judgedTruth(samples, expected).sessions).toBe(2);
  expect(judgedTruth(two, expected).sessions).toBe(3);
});

test('the publisher changes when the one that was followed has been silent for more than half a minute', () => {
  const from = (clientIp: string, ...ats: readonly number[]) =>
    ats.map((at) => pushSample({ measuredAt: atSecond(at), clientIp }));

  expect(judgedTruth([...from('a', 0), ...from('b', 10, 30), ...from('a', 31)], expected).clientChanges).toBe(
    0,
  );
  expect(judgedTruth([...from('a', 0), ...from('b', 10, 31, 35)], expected).clientChanges).toBe(1);
});
