import { describe, expect, test } from 'vitest';
import { type Listing, replacesListed, viewAfterList } from '../../src/model/listed-view.ts';
import type { PushView } from '../../src/model/push-view.ts';
import { livePush, pushView } from '../support/push-series.ts';
import { alwaysLive, noon, pushMedia, pushSample, pushTarget } from '../support/samples.ts';

const ttlMs = 180_000;
const target = pushTarget({ expectation: { ...alwaysLive, minFramesPerSecond: 20 } });
const media = pushMedia({ keyframeIntervalMs: undefined });
const sample = pushSample({ media });
const listing: Listing = {
  requestedAt: noon,
  listedAt: noon,
  hasTimes: false,
  pushes: [sample],
  listedBeforeAt: undefined,
  goneAt: undefined,
};

/** State that an answer of history left `agoMs` ago. */
const history = (agoMs: number, part: Partial<PushView> = {}) =>
  pushView(livePush(sample), {
    answeredAt: noon - agoMs,
    expiresAt: noon - agoMs + 825_000,
    watermark: noon - agoMs,
    ...part,
  });
const ended = { live: undefined };

const afterList = (before: PushView | undefined, part: Partial<Listing> = {}) =>
  viewAfterList(target, before, { ...listing, ...part }, ttlMs);

test('shows a live stream of unknown state, without a watermark, and wants its history', () => {
  expect(afterList(undefined)).toEqual({
    view: {
      live: { followed: sample, others: [] },
      isUnknown: false,
      isListed: true,
      watermark: undefined,
      answeredAt: noon,
      expiresAt: noon + ttlMs,
      since: noon,
      isSinceFirst: true,
    },
    isUrgent: true,
  });
});

test('shows a live stream whose list was read a long time after its begin', () => {
  const late = pushSample({ measuredAt: noon + 600_000, media });

  expect(afterList(undefined, { pushes: [late] }).view).toMatchObject({
    live: { followed: late },
    answeredAt: noon,
  });
});

test('does not want the history of a discovered stream at once, because it has priority anyway', () => {
  const discovered = pushTarget({ isDiscovered: true });

  expect(viewAfterList(discovered, undefined, listing, ttlMs).isUrgent).toBe(false);
});

test('replaces an older answer of history, but not a newer one', () => {
  const low = [pushSample({ framesPerSecond: 24, media })];

  expect(afterList(history(100_000), { pushes: low }).view?.live?.followed.framesPerSecond).toBe(24);
  expect(afterList(history(-1), { pushes: low })).toEqual({ view: undefined, isUrgent: false });
});

test.each([
  ['of a push that began before, once', {}, false],
  [
    'of a push that began afterwards',
    { pushes: [pushSample({ media: pushMedia({ beganAt: noon - 99_999 }) })] },
    true,
  ],
  ['a second time since', { listedBeforeAt: noon - 60_000 }, true],
  ['a second time, but the first time before', { listedBeforeAt: noon - 100_001 }, false],
])('shows a stream that has ended by history as live %s only with evidence', (_, part, isShown) => {
  const { view, isUrgent } = afterList(history(100_000, ended), part);

  expect([view?.live !== undefined, isUrgent]).toEqual([isShown, true]);
});

test.each([
  ['left open', history(100_000, { ...ended, isUnknown: true })],
  ['that has expired', history(900_000, ended)],
])('shows a live stream if the last answer is one %s', (_, before) => {
  expect(afterList(before).view?.live).toBeDefined();
});

test('wants the history of a stream that falls below its limits, once', () => {
  const low = [pushSample({ framesPerSecond: 10, media })];
  const first = afterList(history(100_000), { pushes: low });

  expect(first.isUrgent).toBe(true);
  expect(afterList(first.view, { listedAt: noon + 60_000, pushes: low }).isUrgent).toBe(false);
  expect(afterList(history(100_000)).isUrgent).toBe(false);
});

test('keeps values of the same push that only history has', () => {
  const exact = pushMedia({ beganAt: media.beganAt === undefined ? undefined : media.beganAt + 252 });
  const before = history(100_000, { live: livePush(pushSample({ media: exact })) });

  expect(afterList(before).view?.live?.followed.media).toEqual(exact);
  // Another push.
  const other = pushMedia({ beganAt: noon - 50_000, keyframeIntervalMs: undefined });
  const pushes = [pushSample({ media: other })];
  expect(afterList(before, { pushes }).view?.live?.followed.media).toEqual(other);
});

const gone = { pushes: [], goneAt: noon };
const goneTwice = { pushes: [], goneAt: noon - 60_000 };
const listed = (agoMs: number, part: Partial<PushView> = {}) =>
  history(agoMs, { isListed: true, expiresAt: noon - agoMs + ttlMs, ...part });

test('changes nothing for a stream that no list has contained', () => {
  for (const before of [undefined, history(100_000), history(100_000, ended)]) {
    expect(afterList(before, { pushes: [] })).toEqual({ view: undefined, isUrgent: false });
  }
});

test('wants the history of a stream that is missing for the first time, and changes nothing', () => {
  expect(afterList(listed(60_000), gone)).toEqual({ view: undefined, isUrgent: true });
});

test.each([
  ['the last state is from a list', listed(120_000)],
  ['history was requested before', history(60_001)],
  ['history requested since leaves the state open', history(30_000, { ...ended, isUnknown: true })],
])('ends a stream that is missing for the second time if %s', (_, before) => {
  expect(afterList(before, goneTwice).view).toMatchObject({
    live: undefined,
    isUnknown: false,
    isListed: true,
  });
});

test.each([
  ['shows that it is live', history(59_999)],
  ['shows that it has ended', history(30_000, ended)],
])('does not end a missing stream if history requested since %s', (_, before) => {
  expect(afterList(before, goneTwice)).toEqual({ view: undefined, isUrgent: false });
});

test('keeps an ended stream at 0 while further lists do not contain it', () => {
  const first = afterList(listed(120_000), goneTwice).view;
  const next = afterList(first, { ...goneTwice, requestedAt: noon + 60_000, listedAt: noon + 60_000 });

  expect(next.view).toMatchObject({ live: undefined, expiresAt: noon + 60_000 + ttlMs });
});

test.each([
  ['a newer answer', history(0), listed(60_000), true],
  ['an older answer', history(61_000), listed(60_000), false],
  ['an answer that leaves the state open', history(0, { ...ended, isUnknown: true }), listed(60_000), false],
  ['an open answer, after the list has expired', history(0, { isUnknown: true }), listed(181_000), true],
  ['any answer, if there is no list', history(61_000), history(60_000), true],
  ['any answer, if the clock was set back since the list', history(0), listed(-61_000), true],
])('decides whether history replaces a list: %s', (_, view, present, expected) => {
  expect(replacesListed(view, present, noon)).toBe(expected);
});

test.each([
  [61_000, true],
  [59_000, false],
])('replaces a state that is %i ms ahead, because the clock was set back: %s', (aheadMs, isShown) => {
  expect(afterList(history(-aheadMs)).view !== undefined).toBe(isShown);
});

describe('a list of the state five minutes ago', () => {
  const minute = 60_000;
  const old = { listedAt: noon - 5 * minute, hasTimes: true };
  const measured = pushSample({ measuredAt: old.listedAt, media });

  test('shows its state, with its time, from its request on', () => {
    expect(afterList(undefined, { ...old, pushes: [measured] }).view).toEqual({
      live: { followed: measured, others: [] },
      isUnknown: false,
      isListed: true,
      hasTimes: true,
      watermark: undefined,
      answeredAt: old.listedAt,
      expiresAt: noon + ttlMs,
      since: measured.measuredAt,
      isSinceFirst: true,
    });
  });

  test.each([
    ['requested before that time', history(5 * minute + 1), true],
    ['requested since', history(4 * minute), false],
    ['requested since, which has expired', history(4 * minute, { expiresAt: noon - 1 }), true],
    ['requested since, which leaves the state open', history(4 * minute, { isUnknown: true }), true],
  ])('replaces an answer of history %s: %#', (_, before, isShown) => {
    expect(afterList(before, { ...old, pushes: [measured] }).view !== undefined).toBe(isShown);
  });

  test('shows an ended stream as live only with the second list of a time since', () => {
    const before = history(6 * minute, ended);
    const part = { ...old, pushes: [measured] };

    expect(afterList(before, part)).toEqual({ view: undefined, isUrgent: true });
    expect(afterList(before, { ...part, listedBeforeAt: noon - 7 * minute }).view).toBeUndefined();
    expect(afterList(before, { ...part, listedBeforeAt: noon - 6 * minute + 1 }).view?.live).toBeDefined();
  });

  test('ends a stream only if no history requested since the first list without it shows that it is live', () => {
    const missing = { ...old, pushes: [], goneAt: noon - 6 * minute };
    const shown = listed(6 * minute, { hasTimes: true, expiresAt: noon + ttlMs });

    expect(afterList(shown, missing).view).toMatchObject({ live: undefined, answeredAt: old.listedAt });
    expect(afterList(history(5.5 * minute), missing).view).toBeUndefined();
  });
});
