import { expect, test } from 'vitest';
import { createTroubles } from '../../src/status/troubles.ts';
import { alwaysLive, noon, pushSample, samplesBetween } from '../support/samples.ts';

const low = { framesPerSecond: 12 };
const minutes = (count: number) => count * 60_000;

function setUp() {
  const troubles = createTroubles();
  return {
    ...troubles,
    addLow: (from: number, to: number) => troubles.addSamples('a', samplesBetween(from, to, low), alwaysLive),
    shown: (now = noon) =>
      troubles.of('a', now).map(({ from, to, ms, kinds }) => [from - noon, to - noon, ms, kinds.join()]),
  };
}

test('keeps nothing for samples in good condition', () => {
  const { addSamples, shown, totalMs } = setUp();

  addSamples('a', samplesBetween(noon - minutes(10), noon), alwaysLive);

  expect([shown(), totalMs('a', noon)]).toEqual([[], 0]);
});

test('adds up the bad time of samples, whatever their order', () => {
  const { addSamples, shown } = setUp();
  const samples = samplesBetween(noon - 60_000, noon - 40_000, low);

  addSamples('a', samples.toReversed(), alwaysLive);
  addSamples('a', [pushSample({ measuredAt: noon - 70_000, bitsPerSecond: 1 })], alwaysLive);

  expect(shown()).toEqual([[-75_000, -45_000, 25_000, 'low_fps,low_bitrate']]);
});

test('separates troubles with more than a minute of good time in between, until a third one joins them', () => {
  const { addLow, shown } = setUp();

  addLow(noon - minutes(3), noon - minutes(3) + 5_000);
  addLow(noon - minutes(1), noon - minutes(1) + 5_000);
  expect(shown().map(([from]) => from)).toEqual([-185_000, -65_000]);

  addLow(noon - minutes(2), noon - minutes(2) + 5_000);
  expect(shown()).toEqual([[-185_000, -60_000, 15_000, 'low_fps']]);
});

test('keeps at most eight troubles per stream and the sum of their time', () => {
  const { addLow, shown, totalMs } = setUp();

  for (let i = 20; i > 0; i--) addLow(noon - minutes(10 * i), noon - minutes(10 * i) + 5_000);

  expect(shown()).toHaveLength(8);
  expect(totalMs('a', noon)).toBe(20 * 5_000);
});

test('forgets a trouble six hours after its end, and all troubles of a removed stream', () => {
  const { addLow, addMissing, shown, totalMs, drop } = setUp();
  addLow(noon, noon + 1);
  addMissing('a', { from: noon + minutes(60), to: noon + minutes(62), ms: minutes(1) });

  const later = noon + 6 * minutes(60);
  expect([shown(later - 1).length, totalMs('a', later - 1)]).toEqual([2, 60_001]);
  expect(shown(later)).toEqual([[minutes(60), minutes(62), minutes(1), 'missing']]);
  expect(totalMs('a', later)).toBe(60_000);
  drop('a');
  expect(shown(later)).toEqual([]);
});

test('of a trouble that began before the last six hours, only these count', () => {
  const { addMissing, totalMs, shown } = setUp();
  const hours = (count: number) => count * minutes(60);
  addMissing('a', { from: noon - hours(72), to: noon - hours(1), ms: hours(71) });

  expect(totalMs('a', noon)).toBe(hours(5));
  expect(shown()).toEqual([[-hours(72), -hours(1), hours(71), 'missing']]);
});

test('ignores a missing time of no length', () => {
  const { addMissing, shown } = setUp();

  addMissing('a', { from: noon, to: noon, ms: 0 });

  expect(shown()).toEqual([]);
});
