import { expect, test } from 'vitest';
import { createPushViews } from '../../src/collectors/push-views.ts';
import type { PushView } from '../../src/model/push-view.ts';
import type { ListAnswer, ListedPush } from '../../src/model/questions.ts';
import { toPushPollTarget } from '../../src/polling/push-history.ts';
import { livePush, pushView } from '../support/push-series.ts';
import { noon, pushMedia, pushSample, pushTarget, streamId } from '../support/samples.ts';
import { inOneSlice } from '../support/slices.ts';

const intervals = { effectiveIntervalMs: 60_000, configuredIntervalMs: 60_000 };
const quiet = () => {};
const targetOf = (stream: string, appName = 'live') =>
  toPushPollTarget(pushTarget({ stream: streamId({ stream, appName }) }));

const listOf = (names: readonly string[], isComplete = true): ListAnswer<ListedPush> => ({
  items: names.map((stream) => ({ stream, sample: pushSample({ media: pushMedia() }) })),
  malformed: 0,
  warnings: [],
  isComplete,
});

/** States of one application with the streams `names`, and what they were set to. */
function setUp(...names: readonly string[]) {
  const shown = new Map<string, PushView>();
  const expedited: string[] = [];
  const views = createPushViews({
    account: { account: 'main', provider: 'tencent' },
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    series: { setView: (key, view) => void shown.set(key, view) },
    expedite: (key) => void expedited.push(key),
    inSlices: inOneSlice,
  });
  const targets = names.map((name) => targetOf(name));
  for (const target of targets) views.add(target);
  const [app] = views.apps();
  return {
    views,
    targets,
    expedited,
    /** Applies a list of the application after `second` seconds. */
    list: (second: number, answer: ListAnswer<ListedPush>) =>
      views.listed(app?.key ?? '', answer, noon + second * 1_000, intervals),
    /** Returns 1, 0 or undefined for each stream. */
    up: () =>
      targets.map(({ streamKey }) => {
        const view = shown.get(streamKey);
        return view && (view.live === undefined ? 0 : 1);
      }),
  };
}

test('shows the streams of a list, and leaves the others as they are', async () => {
  const { list, up } = setUp('a', 'b', 'c');

  await list(0, listOf(['a', 'c', 'not-a-target']));

  expect(up()).toEqual([1, undefined, 1]);
});

test('ends a stream that two consecutive complete lists do not contain, and requests its history first', async () => {
  const { list, up, expedited, targets, views } = setUp('a', 'b');
  await list(0, listOf(['a', 'b']));
  expedited.length = 0;

  await list(60, listOf(['a']));
  expect(up()).toEqual([1, 1]);
  expect(expedited).toEqual([targets[1]?.key]);
  expect(views.isUrgent(targets[1]?.streamKey ?? '')).toBe(true);
  await list(120, listOf(['a']));

  expect(up()).toEqual([1, 0]);
});

test.each([
  ['the second list is incomplete', [listOf(['a']), listOf(['a'], false)]],
  ['the stream returns', [listOf(['a']), listOf(['a', 'b']), listOf(['a'])]],
  ['an incomplete list in between contains it', [listOf(['a']), listOf(['a', 'b'], false), listOf(['a'])]],
  ['the first list is incomplete', [listOf(['a'], false), listOf(['a'])]],
])('does not end a stream if %s', async (_, lists) => {
  const { list, up } = setUp('a', 'b');
  await list(0, listOf(['a', 'b']));

  for (const [i, answer] of lists.entries()) await list(60 * (i + 1), answer);

  expect(up()).toEqual([1, 1]);
});

test('does not compare lists that are far apart', async () => {
  const { list, up } = setUp('a', 'b');
  await list(0, listOf(['a', 'b']));
  await list(60, listOf(['a']));

  await list(600, listOf(['a']));

  expect(up()).toEqual([1, 1]);
});

test('requests the history first only once, and not after it was requested', async () => {
  const { list, expedited, targets, views } = setUp('a');
  await list(0, listOf(['a']));
  const [{ streamKey } = { streamKey: '' }] = targets;
  expect([expedited.length, views.isUrgent(streamKey)]).toEqual([1, true]);

  views.polled(streamKey);
  await list(60, listOf(['a']));

  expect([expedited.length, views.isUrgent(streamKey)]).toEqual([1, false]);
});

test('lets the newer of a list and an answer of history win', async () => {
  const { list, up, views, targets } = setUp('a');
  const [a] = targets;
  if (a === undefined) throw new Error('no target');
  const answer = (second: number, live = true) =>
    pushView(live ? livePush(pushSample()) : undefined, {
      answeredAt: noon + second * 1_000,
      expiresAt: noon + 900_000,
    });
  await list(60, listOf(['a']));

  views.answered(a, answer(59, false), noon + 61_000);
  expect(up()).toEqual([1]);
  views.answered(a, answer(61, false), noon + 62_000);
  expect(up()).toEqual([0]);
  await list(120, listOf(['a']));
  // History has just shown the end of this push.
  expect(up()).toEqual([0]);
  await list(180, listOf(['a']));
  expect(up()).toEqual([1]);
});

test('feeds the gauges until the lists end', async () => {
  const { list, views, targets } = setUp('a', 'b');
  const [a, b] = targets;
  if (a === undefined || b === undefined) throw new Error('no targets');
  expect(views.isListed(a, noon)).toBe(false);

  await list(0, listOf(['a']));

  expect([views.isListed(a, noon + 179_999), views.isListed(b, noon + 179_999)]).toEqual([true, true]);
  expect(views.isListed(a, noon + 180_000)).toBe(false);
});

test('forgets a removed target and an application without targets', async () => {
  const { list, views, targets, up } = setUp('a', 'b');
  const [a, b] = targets;
  if (a === undefined || b === undefined) throw new Error('no targets');
  views.remove(a);

  await list(0, listOf(['a', 'b']));

  expect(up()).toEqual([undefined, 1]);
  expect([views.has(a.streamKey), views.get(a.streamKey), views.isUrgent(a.streamKey)]).toEqual([
    false,
    undefined,
    false,
  ]);
  views.answered(a, pushView(undefined), noon);
  expect(views.get(a.streamKey)).toBeUndefined();
  views.remove(b);
  expect([...views.apps()]).toEqual([]);
});

test('follows changes of stale_after', () => {
  const { views, targets } = setUp('a', 'b');
  const [a, b] = targets;
  if (a === undefined || b === undefined) throw new Error('no targets');
  const staleAfter = () => [...views.apps()].map(({ staleAfterMs }) => staleAfterMs);
  const setStaleAfter = (target: typeof a, staleAfterMs: number) => {
    const changed = { ...target, target: { ...target.target, staleAfterMs } };
    views.update(changed);
    return changed;
  };

  setStaleAfter(a, 300_000);
  expect(staleAfter()).toEqual([300_000]);
  setStaleAfter(a, 30_000);
  const long = setStaleAfter(b, 90_000);
  expect(staleAfter()).toEqual([90_000]);
  views.remove(long);
  expect(staleAfter()).toEqual([30_000]);
});

test('keeps applications apart, and requests the default application for an empty one', () => {
  const { views } = setUp('a');
  views.add(targetOf('b', 'show'));
  views.add(targetOf('c', ''));

  expect([...views.apps()].map(({ app }) => app.appName)).toEqual(['live', 'show', 'live']);
});

test('bridges the time until lists show the time after an answer of history', async () => {
  const { list, views, targets } = setUp('a');
  const [a] = targets;
  if (a === undefined) throw new Error('no target');
  const old = (second: number) => ({ ...listOf(['a']), measuredAt: noon + (second - 330) * 1_000 });
  const answer = (second: number) =>
    pushView(livePush(pushSample()), {
      answeredAt: noon + second * 1_000,
      expiresAt: noon + (second + 300) * 1_000,
    });
  const expiry = () => ((views.get(a.streamKey)?.expiresAt ?? 0) - noon) / 1_000;

  views.answered(a, answer(0), noon);
  expect(expiry()).toBe(300);
  await list(300, old(300));
  views.answered(a, answer(310), noon + 310_000);
  // 330 s until a list shows this time, and two intervals of the lists.
  expect(expiry()).toBe(310 + 330 + 120);

  // Lists of the time before the answer do not replace it.
  for (let second = 360; second < 640; second += 60) await list(second, old(second));
  expect(views.get(a.streamKey)?.isListed).toBeUndefined();
  await list(660, old(660));
  expect(views.get(a.streamKey)).toMatchObject({ isListed: true, hasTimes: true });
  expect(expiry()).toBe(660 + 180);

  // The lists have ended.
  views.answered(a, answer(900), noon + 900_000);
  expect(expiry()).toBe(1_200);
});
