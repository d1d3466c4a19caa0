import { expect, test } from 'vitest';
import { newPushLedger } from '../../src/model/push-ledger.ts';
import type { StreamInput } from '../../src/status/inputs.ts';
import { beginOf, toStreamStatus } from '../../src/status/stream-status.ts';
import { alwaysLive, noExpectation, noon, pushSample, pushTarget } from '../support/samples.ts';
import { streamInput, viewOf } from './inputs.ts';

const silent = viewOf(undefined);
const notDue = pushTarget({ expectation: { ...alwaysLive, live: false } });
const noSchedule = pushTarget({ expectation: noExpectation });
const lowFps = viewOf(pushSample({ framesPerSecond: 12, bitsPerSecond: 500_000 }));

test.each([
  ['a fresh sample', streamInput(), 'up'],
  ['an answer without a sample', streamInput('a', { view: silent }), 'missing'],
  ['an answer without a sample, not due', streamInput('a', { view: silent, target: notDue }), 'not_pushed'],
  [
    'an answer without a sample, no schedule',
    streamInput('a', { view: silent, target: noSchedule }),
    'not_pushed',
  ],
  ['a degraded sample', streamInput('a', { view: lowFps }), 'degraded'],
  ['a degraded sample, no expectation', streamInput('a', { view: lowFps, target: noSchedule }), 'up'],
  [
    'an answer whose newest rows were unreadable',
    streamInput('a', { view: viewOf(undefined, { isUnknown: true }) }),
    'unknown',
  ],
  ['no answer yet', streamInput('a', { view: undefined }), 'unknown'],
  ['an expired answer', streamInput('a', { view: viewOf(pushSample(), { expiresAt: noon }) }), 'unknown'],
])('derives the state of %s', (_, input, state) => {
  expect(toStreamStatus(input, noon).state).toBe(state);
});

test('returns all conditions of the sample', () => {
  expect(toStreamStatus(streamInput('a', { view: lowFps }), noon).conditions).toEqual([
    'low_fps',
    'low_bitrate',
  ]);
});

/** Begin of the state of a stream, in seconds before noon, and whether it is exact. */
function began(part: Partial<StreamInput>): unknown {
  const input = streamInput('a', part);
  const begin = beginOf(input, toStreamStatus(input, noon), noon);
  return begin && [(begin.at - noon) / 1000, begin.isExact];
}
const sampled = (secondsAgo: number) => ({
  ledger: () => ({ ...newPushLedger(noon), newestAt: noon - secondsAgo * 1000 }),
});
const neverSampled = { ledger: () => newPushLedger(noon) };

test('takes the begin of a state from the view', () => {
  expect(began({})).toEqual([-600, true]);
  expect(began({ view: lowFps })).toEqual([-600, true]);
  expect(began({ view: viewOf(undefined, { isUnknown: true }) })).toEqual([-600, true]);
  expect(began({ view: viewOf(pushSample(), { isSinceFirst: true }) })).toEqual([-600, false]);
});

test('knows no begin before the first answer', () => {
  expect(began({ view: undefined })).toBeUndefined();
});

test('is unknown since the last answer expired', () => {
  expect(began({ view: viewOf(pushSample(), { expiresAt: noon - 5_000 }) })).toEqual([-5, true]);
});

test('is not pushed since the last sample, even if the exporter started later', () => {
  const first = viewOf(undefined, { isSinceFirst: true });

  expect(began({ view: first, target: noSchedule, ...sampled(3_000) })).toEqual([-3_000, true]);
  expect(began({ view: first, target: noSchedule, ...neverSampled })).toEqual([-600, false]);
});

test('is missing at the earliest since it is expected', () => {
  const from11 = { days: [0], fromMinute: 660, toMinute: 800, timeZone: 'UTC' };
  const target = pushTarget({ expectation: { ...alwaysLive, live: [from11] } });

  expect(began({ view: silent, target, ...sampled(9_000) })).toEqual([-3_600, true]);
  expect(began({ view: silent, target, ...sampled(300) })).toEqual([-300, true]);
  expect(began({ view: silent, ...sampled(9_000) })).toEqual([-9_000, true]);
});
