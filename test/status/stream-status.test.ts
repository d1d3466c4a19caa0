import { expect, test } from 'vitest';
import type { StreamInput } from '../../src/status/inputs.ts';
import { createUrgent, toStreamStatus } from '../../src/status/stream-status.ts';
import { alwaysLive, noExpectation, noon, pushSample, pushTarget } from '../support/samples.ts';
import { streamInput, viewOf } from './inputs.ts';

const silent = viewOf(undefined);
const notDue = pushTarget({ expectation: { ...alwaysLive, live: false } });
const noSchedule = pushTarget({ expectation: noExpectation });
const lowFps = viewOf(pushSample({ framesPerSecond: 12, bitsPerSecond: 500_000 }));

test.each([
  ['a fresh sample', streamInput(), 'up', undefined],
  ['an answer without a sample', streamInput('a', { view: silent }), 'silent', 'silent_though_due'],
  [
    'an answer without a sample, not due',
    streamInput('a', { view: silent, target: notDue }),
    'silent',
    undefined,
  ],
  [
    'an answer without a sample, no schedule',
    streamInput('a', { view: silent, target: noSchedule }),
    'silent',
    undefined,
  ],
  ['a degraded sample', streamInput('a', { view: lowFps }), 'up', 'degraded'],
  [
    'a degraded sample, no expectation',
    streamInput('a', { view: lowFps, target: noSchedule }),
    'up',
    undefined,
  ],
  [
    'an answer whose newest rows were unreadable',
    streamInput('a', { view: viewOf(undefined, { isUnknown: true }) }),
    'unknown',
    'unknown',
  ],
  ['no answer yet', streamInput('a', { view: undefined }), 'unknown', 'unknown'],
  [
    'an expired answer',
    streamInput('a', { view: viewOf(pushSample(), { expiresAt: noon }) }),
    'unknown',
    'unknown',
  ],
])('derives the state and the attention of %s', (_, input, state, attention) => {
  expect(toStreamStatus(input, noon)).toMatchObject({ state, attention });
});

test('returns all conditions of the sample', () => {
  expect(toStreamStatus(streamInput('a', { view: lowFps }), noon).conditions).toEqual([
    'low_fps',
    'low_bitrate',
  ]);
});

test('sorts by urgency: silent though due, degraded, unknown, up, silent', () => {
  const inputs = [
    streamInput('a', { view: silent }),
    streamInput('a', { view: lowFps }),
    streamInput('a', { view: undefined }),
    streamInput('a'),
    streamInput('a', { view: silent, target: notDue }),
  ];

  expect(mostUrgent(9, inputs.toReversed())).toEqual(inputs);
});

test('selects the most urgent streams; streams of equal urgency keep their order', () => {
  const up = ['a', 'b', 'c'].map((name) => streamInput(name));
  const unknown = ['d', 'e', 'f'].map((name) => streamInput(name, { view: undefined }));

  expect(mostUrgent(4, [...up, ...unknown])).toEqual([...unknown, ...up.slice(0, 1)]);
  expect(mostUrgent(2, [...up, ...unknown])).toEqual(unknown.slice(0, 2));
});

function mostUrgent(max: number, inputs: readonly StreamInput[]): readonly StreamInput[] {
  const urgent = createUrgent(max);
  for (const input of inputs) urgent.add(input, toStreamStatus(input, noon));
  return urgent.first();
}
