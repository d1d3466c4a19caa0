import { expect, test } from 'vitest';
import { noon, pushSample, samplesBetween } from '../support/samples.ts';
import { deriveTruth, type Expected } from './push-truth.ts';

const second = 1000;
const other = '203.0.113.9';
const expected: Expected = {
  framesPerSecond: 25,
  bitsPerSecond: 2_000_000,
  due: { from: noon, to: noon + 60 * second },
};
const atSecond = (at: number) => noon + at * second;

test('counts the whole period of each degraded sample, and a sample with two conditions once as bad', () => {
  const samples = [
    pushSample({ measuredAt: atSecond(5) }),
    pushSample({ measuredAt: atSecond(10), framesPerSecond: 19 }),
    pushSample({ measuredAt: atSecond(15), framesPerSecond: 20, bitsPerSecond: 999_999 }),
    pushSample({ measuredAt: atSecond(20), framesPerSecond: 0, bitsPerSecond: 128_000 }),
  ];

  expect(deriveTruth(samples, expected)).toMatchObject({
    degradedMs: { low_fps: 5_000, no_video: 5_000, low_bitrate: 10_000 },
    badMs: 15_000,
  });
});

test('counts an unknown rate as neither low nor 0', () => {
  const samples = [
    pushSample({ measuredAt: atSecond(5), framesPerSecond: undefined }),
    pushSample({ measuredAt: atSecond(10), bitsPerSecond: undefined }),
  ];

  expect(deriveTruth(samples, expected)).toMatchObject({
    measuredMs: { fps: 5_000, bitrate: 5_000 },
    degradedMs: { low_fps: 0, no_video: 0, low_bitrate: 0 },
    badMs: 0,
  });
});

test('counts due time without samples as missing', () => {
  const all = samplesBetween(atSecond(-20), atSecond(90));
  const holed = all.filter(({ measuredAt }) => measuredAt <= atSecond(20) || measuredAt > atSecond(35));

  expect(deriveTruth(all, expected).missingMs).toBe(0);
  expect(deriveTruth(holed, expected).missingMs).toBe(15_000);
  expect(deriveTruth([], expected).missingMs).toBe(60_000);
  expect(deriveTruth(samplesBetween(atSecond(15), atSecond(51)), expected).missingMs).toBe(20_000);
});

test('counts no missing time between two slightly shifted publishers', () => {
  const samples = [
    ...samplesBetween(atSecond(0), atSecond(30)),
    ...samplesBetween(atSecond(32), atSecond(70)),
  ];

  expect(deriveTruth(samples, expected).missingMs).toBe(0);
});

test('starts a session at the first sample and after more than 30 s of silence', () => {
  const samples = [0, 5, 35, 66].map((at) => pushSample({ measuredAt: atSecond(at) }));
  const two = [...samples, pushSample({ measuredAt: atSecond(70), clientIp: other })];

  expect(deriveTruth(samples, expected).sessions).toBe(2);
  expect(deriveTruth(two, expected).sessions).toBe(3);
});

test('changes the publisher after the followed one has been silent for more than 30 s', () => {
  const from = (clientIp: string, ...ats: readonly number[]) =>
    ats.map((at) => pushSample({ measuredAt: atSecond(at), clientIp }));

  expect(deriveTruth([...from('a', 0), ...from('b', 10, 30), ...from('a', 31)], expected).clientChanges).toBe(
    0,
  );
  expect(deriveTruth([...from('a', 0), ...from('b', 10, 31, 35)], expected).clientChanges).toBe(1);
});
