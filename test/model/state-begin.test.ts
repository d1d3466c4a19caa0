import { expect, test } from 'vitest';
import type { Schedule } from '../../src/model/live-schedule.ts';
import type { PushView } from '../../src/model/push-view.ts';
import { beginOfState, missingBefore } from '../../src/model/state-begin.ts';
import { livePush, pushView } from '../support/push-series.ts';
import { alwaysLive, noon, pushSample } from '../support/samples.ts';

const sampleAt = noon - 8_000;
const up = livePush(pushSample({ measuredAt: sampleAt }));
const degraded = livePush(pushSample({ measuredAt: sampleAt, framesPerSecond: 12 }));

/** View of an answer of a minute ago, in a state that began an hour ago. */
const before = (live: PushView['live'], part: Partial<PushView> = {}) =>
  pushView(live, {
    answeredAt: noon - 60_000,
    expiresAt: noon + 60_000,
    since: noon - 3_600_000,
    isSinceFirst: false,
    ...part,
  });
const began = (previous: PushView | undefined, live: PushView['live'], isUnknown = false) => {
  const { since, isSinceFirst } = beginOfState(previous, { live, isUnknown, answeredAt: noon }, alwaysLive);
  return [since - noon, isSinceFirst];
};
const lastSample = livePush(pushSample({ measuredAt: noon - 70_000 }));

test.each([
  ['up', before(up), up, false],
  ['degraded', before(degraded), degraded, false],
  ['silent', before(undefined), undefined, false],
  ['unknown', before(undefined, { isUnknown: true }), undefined, true],
])('keeps the begin while the stream stays %s', (_, previous, live, isUnknown) => {
  expect(began(previous, live, isUnknown)).toEqual([-3_600_000, false]);
});

test.each([
  ['up, at its first sample', before(undefined), up, false, -8_000],
  ['degraded, at its first degraded sample', before(up), degraded, false, -8_000],
  ['up again after it was degraded', before(degraded), up, false, -8_000],
  ['silent, at its last sample', before(lastSample), undefined, false, -70_000],
  ['unknown, at the first answer that does not tell', before(up), undefined, true, 0],
  ['silent after it was unknown, at the answer', before(undefined, { isUnknown: true }), undefined, false, 0],
])('begins a new state: %s', (_, previous, live, isUnknown, since) => {
  expect(began(previous, live, isUnknown)).toEqual([since, false]);
});

test('does not claim that a state lasted through a time in which it was unknown', () => {
  const expired = { expiresAt: noon - 30_000 };

  expect(began(before(up, expired), up)).toEqual([-8_000, false]);
  expect(began(before(undefined, expired), undefined)).toEqual([0, false]);
  expect(began(before(up, expired), undefined, true)).toEqual([-30_000, false]);
});

test('marks the begin of the first state as unknown', () => {
  expect(began(undefined, up)).toEqual([-8_000, true]);
  expect(began(undefined, undefined)).toEqual([0, true]);
  expect(began(before(up, { isSinceFirst: true }), up)).toEqual([-3_600_000, true]);
  expect(began(before(undefined, { isSinceFirst: true, isUnknown: true }), undefined)).toEqual([0, true]);
  expect(began(before(up, { isSinceFirst: true }), undefined)).toEqual([-8_000, false]);
});

test('tells for how long a stream was missing when it is back', () => {
  const silent = before(undefined, { since: noon - 600_000 });
  const from11 = { days: [0], fromMinute: 715, toMinute: 800, timeZone: 'UTC' };
  const missing = (previous: PushView | undefined, schedule: Schedule | undefined) =>
    missingBefore(previous, { live: up }, { ...alwaysLive, live: schedule });
  const to = sampleAt - 5_000;

  expect(missing(silent, true)).toEqual({ from: noon - 600_000, to, ms: 587_000 });
  expect(missing(silent, [from11])).toEqual({ from: noon - 300_000, to, ms: 287_000 });
  for (const none of [
    missing(silent, false),
    missing(silent, undefined),
    missing(before(up), true),
    missing(before(undefined, { isUnknown: true }), true),
    missing(undefined, true),
    missingBefore(silent, { live: undefined }, alwaysLive),
  ]) {
    expect(none).toBeUndefined();
  }
});
