import { expect, test } from 'vitest';
import type { Schedule } from '../../src/model/live-schedule.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushView } from '../../src/model/push-view.ts';
import { beginOfState, missingBefore, pushedAgainFrom } from '../../src/model/state-begin.ts';
import { livePush, pushView } from '../support/push-series.ts';
import { alwaysLive, noon, pushSample, samplesBetween } from '../support/samples.ts';

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

/** Samples before noon, one every 5 s, with a low frame rate from `badFrom` to `badTo` s before noon. */
const samplesOf = (fromSeconds: number, badFrom: number, badTo: number) =>
  samplesBetween(noon - fromSeconds * 1_000, noon).map((sample) => {
    const age = (noon - sample.measuredAt) / 1_000;
    return age <= badFrom && age >= badTo ? { ...sample, framesPerSecond: 12 } : sample;
  });
const beganIn = (previous: PushView, samples: readonly PushSample[]) => {
  const newest = samples.at(-1);
  const live = newest && livePush(newest);
  const after = { live, isUnknown: false, answeredAt: noon, samples: samples.toReversed() };
  return beginOfState(previous, after, alwaysLive).since - noon;
};
const silent = before(undefined, { since: noon - 300_000 });
const listed = { isListed: true, since: noon - 10_000 } as const;

test.each([
  ['degraded, at the first bad sample', before(up), samplesOf(60, 40, 0), -40_000],
  ['up, at the first sample', silent, samplesOf(45, 0, 1), -45_000],
  ['up, after bad samples', silent, samplesOf(45, 45, 20), -15_000],
  [
    'degraded, but not before the state before',
    before(up, { since: noon - 30_000 }),
    samplesOf(60, 60, 0),
    -25_000,
  ],
  ['up, after its last break', silent, [...samplesOf(60, 0, 1).slice(0, 3), ...samplesOf(20, 0, 1)], -20_000],
  ['degraded, which a list showed later', before(degraded, listed), samplesOf(60, 40, 0), -40_000],
  [
    'degraded, which a list showed long ago',
    before(degraded, { isListed: true }),
    samplesOf(60, 40, 0),
    -3_600_000,
  ],
])(
  'an answer with several samples since the answer before begins the state: %s',
  (_, previous, samples, since) => {
    expect(beganIn(previous, samples)).toBe(since);
  },
);

const second = 1_000;
test.each([
  ['of a steady push', samplesOf(45, 0, 1), 50],
  ['which is bad', samplesOf(55, 55, 30), 60],
  ['before a break', [...samplesOf(55, 0, 1).slice(0, 2), ...samplesOf(20, 0, 1)], 60],
  [
    'of another publisher',
    [
      ...samplesOf(55, 0, 1)
        .map((sample) => ({ ...sample, clientIp: '192.0.2.77' }))
        .slice(0, 6),
      ...samplesOf(25, 0, 1),
    ],
    60,
  ],
  [
    'after a late one from the silence',
    [pushSample({ measuredAt: noon - 200 * second }), ...samplesOf(30, 0, 1)],
    35,
  ],
  ['of several that were all late', samplesOf(295, 0, 1), 300],
])('a stream was missing until the first sample of the answer that shows it again: %s', (_, samples, age) => {
  const newest = samples.at(-1) ?? pushSample();
  const live = livePush(newest);

  const pushedFrom = pushedAgainFrom(silent, { live, samples }, 60 * second);

  expect(pushedFrom).toBe(noon - age * second);
  const after = { live, isUnknown: false, answeredAt: noon, pushedFrom };
  const [from, to] = [noon - 300 * second, noon - age * second];
  expect(missingBefore(silent, after, alwaysLive)).toEqual(from < to ? [{ from, to, ms: to - from }] : []);
});

test('only an answer after a silence shows a stream as pushed again', () => {
  const samples = samplesOf(45, 0, 1);
  const live = livePush(pushSample({ measuredAt: noon - 5_000 }));

  for (const previous of [undefined, before(up), before(undefined, { isUnknown: true })]) {
    expect(pushedAgainFrom(previous, { live, samples }, 60_000)).toBeUndefined();
  }
  expect(pushedAgainFrom(silent, { live: undefined, samples }, 60_000)).toBeUndefined();
});

/** Times in which a stream was missing, relative to `noon`. */
const missed = (
  previous: PushView | undefined,
  live: PushView['live'],
  schedule: Schedule | undefined,
  answer: { answeredAt?: number; isUnknown?: boolean } = {},
) =>
  missingBefore(
    previous,
    { live, answeredAt: noon, isUnknown: false, ...answer },
    { ...alwaysLive, live: schedule },
  ).map(({ from, to, ms }) => [from - noon, to - noon, ms]);
const slot = (fromMinute: number, toMinute: number) => ({
  days: [0, 1, 2, 3, 4, 5, 6],
  fromMinute,
  toMinute,
  timeZone: 'UTC',
});

test('tells for how long a stream was missing when it is back', () => {
  const silent = before(undefined, { since: noon - 600_000 });

  expect(missed(silent, up, true)).toEqual([[-600_000, -13_000, 587_000]]);
  expect(missed(silent, up, [slot(715, 800)])).toEqual([[-300_000, -13_000, 287_000]]);
  for (const none of [
    missed(silent, up, false),
    missed(silent, up, undefined),
    missed(before(up), up, true),
    missed(before(undefined, { isUnknown: true }), up, true),
    missed(undefined, up, true),
    missed(silent, undefined, true),
  ]) {
    expect(none).toEqual([]);
  }
});

test('the time in which a stream was missing before it is back is only that since it was expected', () => {
  const silent = before(undefined, { since: noon - 3 * 86_400_000 });

  // 11:55 to 13:20 each day.
  expect(missed(silent, up, [slot(715, 800)])).toEqual([[-300_000, -13_000, 287_000]]);
  // A sample that is older than the answer before.
  expect(missed(silent, livePush(pushSample({ measuredAt: noon - 90_000 })), [slot(715, 800)])).toEqual([
    [-300_000, -95_000, 205_000],
  ]);
});

test('a stream that is no longer expected was missing until then, which is told once', () => {
  const until1159 = [slot(540, 719), slot(600, 719)];
  const silent = before(undefined, { since: noon - 600_000, answeredAt: noon - 62_000 });

  expect(missed(silent, undefined, until1159)).toEqual([[-600_000, -60_000, 540_000]]);
  const atEnd = { answeredAt: noon - 60_000 };
  expect(missed(silent, undefined, until1159, atEnd)).toEqual([[-600_000, -60_000, 540_000]]);
  expect(missed(silent, undefined, until1159, { answeredAt: noon - 60_001 })).toEqual([]);
  expect(missed({ ...silent, ...atEnd }, undefined, until1159)).toEqual([]);
  const next = { ...silent, answeredAt: noon };
  expect(missed(next, undefined, until1159, { answeredAt: noon + 5_000 })).toEqual([]);
  expect(missed(next, up, until1159, { answeredAt: noon + 5_000 })).toEqual([]);
  // Nobody knows.
  expect(missed(silent, undefined, until1159, { isUnknown: true })).toEqual([]);
  expect(missed({ ...silent, expiresAt: noon - 1 }, undefined, until1159)).toEqual([]);
});
