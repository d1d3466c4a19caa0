import { expect, test } from 'vitest';
import { toStreamStatus, urgency } from '../../src/status/stream-status.ts';
import { alwaysLive, noExpectation, noon, pushSample, pushTarget } from '../support/samples.ts';
import { streamInput, viewOf } from './inputs.ts';

const silent = viewOf(undefined);
const notDue = pushTarget({ expectation: { ...alwaysLive, live: false } });
const unsaid = pushTarget({ expectation: noExpectation });
const lowFps = viewOf(pushSample({ framesPerSecond: 12, bitsPerSecond: 500_000 }));

test.each([
  ['a fresh sample', streamInput(), 'up', undefined],
  ['an answer without one', streamInput('a', { view: silent }), 'silent', 'silent_though_due'],
  ['the same, not due', streamInput('a', { view: silent, target: notDue }), 'silent', undefined],
  ['the same, nothing said', streamInput('a', { view: silent, target: unsaid }), 'silent', undefined],
  ['a bad sample', streamInput('a', { view: lowFps }), 'up', 'degraded'],
  ['a bad sample, nothing expected', streamInput('a', { view: lowFps, target: unsaid }), 'up', undefined],
  ['no answer ever', streamInput('a', { view: undefined }), 'unknown', 'unknown'],
  [
    'no answer for too long',
    streamInput('a', { view: viewOf(pushSample(), { expiresAt: noon }) }),
    'unknown',
    'unknown',
  ],
])('%s', (_, input, state, attention) => {
  expect(toStreamStatus(input, noon)).toMatchObject({ state, attention });
});

test('every condition that the sample is in is told', () => {
  expect(toStreamStatus(streamInput('a', { view: lowFps }), noon).conditions).toEqual([
    'low_fps',
    'low_bitrate',
  ]);
});

test('the worst come first: silent though due, degraded, unknown, up, silent', () => {
  const inputs = [
    streamInput('a', { view: silent }),
    streamInput('a', { view: lowFps }),
    streamInput('a', { view: undefined }),
    streamInput('a'),
    streamInput('a', { view: silent, target: notDue }),
  ];

  expect(inputs.map((input) => urgency(toStreamStatus(input, noon)))).toEqual([0, 1, 2, 3, 4]);
});
