import { expect, test } from 'vitest';
import type { ControlAction } from '../../src/model/control-action.ts';
import {
  adaptAppName,
  type ControlRecord,
  countActions,
  newControlRecord,
  nextControlStep,
} from '../../src/model/control-record.ts';
import {
  noActionLabels as bounds,
  controlAction,
  controlTarget,
  controlLimits as limits,
} from '../support/actions.ts';
import { noon } from '../support/samples.ts';

const target = controlTarget();
const totalLookbackMs = target.expectedDelayMs + target.lookbackMs;

test('counts an action without an application for the only stream of that name', () => {
  const named = controlAction({ actedAt: noon - 60_000 });
  const sport = ['live', 'vod'].map((appName) =>
    controlAction({ actedAt: noon - 60_000, appName, stream: 'sport' }),
  );
  const bare = { actedAt: noon - 30_000, appName: '', action: 'resume' };
  const answers = [
    [named, ...sport],
    [
      named,
      controlAction(bare),
      controlAction({ ...bare, stream: 'sport' }),
      controlAction({ ...bare, stream: 'new' }),
    ],
  ];

  let record = newControlRecord(target, noon);
  for (const [i, rows] of answers.entries()) {
    const now = noon + i * 30_000;
    const step = nextControlStep(record, target, limits, now);
    ({ record } = countActions(record, step, target, { now, ...bounds }, rows));
  }

  const counts = [...record.streams.values()].map(({ stream: { appName, stream }, actions }) => [
    `${appName}/${stream}`,
    actions.forbid?.count ?? 0,
    actions.resume?.count ?? 0,
  ]);
  expect(counts).toEqual([
    ['live/news', 1, 1],
    ['live/sport', 1, 0],
    ['vod/sport', 1, 0],
    ['/new', 0, 1],
    ['/sport', 0, 1],
  ]);
});

test('starts one lookback ago for an application that was not requested before', () => {
  const narrow = controlTarget({ appName: 'live' });
  const started = newControlRecord(narrow, noon - 5 * 3_600_000);
  const first = nextControlStep(started, narrow, limits, noon);
  const { record } = countActions(started, first, narrow, { now: noon, ...bounds }, []);
  const now = noon + 3_600_000;

  const step = nextControlStep(adaptAppName(record, target), target, limits, now);

  expect(step.isRescan).toBe(true);
  expect(step.window).toEqual({ from: noon - totalLookbackMs, to: now });
});

test('counts a record that is a day late after the target is narrowed to one application', () => {
  const started = newControlRecord(target, noon - 5 * 3_600_000);
  const first = nextControlStep(started, target, limits, noon);
  const { record } = countActions(started, first, target, { now: noon, ...bounds }, []);

  const after = adaptAppName(record, controlTarget({ appName: 'live' }));

  expect(after.target).toEqual(record.target);
});

test('keeps the ledgers of a record that an earlier version saved without an application', () => {
  const counted = newControlRecord(target, noon);
  const before = { ...counted, appName: undefined };

  expect(adaptAppName(before, controlTarget({ appName: 'live' }))).toEqual({ ...counted, appName: 'live' });
  expect(adaptAppName(before, target)).toEqual(counted);
});

test('does not count actions from before the lookback of the first start', () => {
  const record = newControlRecord(target, noon);
  const step = nextControlStep(record, target, limits, noon);
  const old = controlAction({ actedAt: noon - totalLookbackMs - 1000 });

  expect(step.window).toEqual({ from: noon - totalLookbackMs, to: noon });
  const { added, skipped } = countActions(record, step, target, { now: noon, ...bounds }, [old]);
  expect([added, skipped.late]).toEqual([[], 1]);
});

test('rescans once per hour, from the floor on', () => {
  const started = newControlRecord(target, noon);
  const first = nextControlStep(started, target, limits, noon);
  const { record } = countActions(started, first, target, { now: noon, ...bounds }, []);
  const later = noon + 3_600_000;

  const step = nextControlStep(record, target, limits, later);

  expect(step.isRescan).toBe(true);
  expect(step.window).toEqual({ from: noon - totalLookbackMs, to: later });
});

test('counts time that can no longer be requested as a gap', () => {
  const record = newControlRecord(target, noon);
  const now = noon + 8 * 86_400_000;

  const step = nextControlStep(record, target, limits, now);

  expect(step.gap).toEqual({ from: noon - totalLookbackMs, to: now - 7 * 86_400_000 + 60_000 });
  const counted = countActions(record, step, target, { now, ...bounds }, []);
  expect(counted.record.domain.gapMs).toBe(86_400_000 + 60_000 + totalLookbackMs);
});

test('reports the streams that an answer adds', () => {
  const record = newControlRecord(target, noon);
  const step = nextControlStep(record, target, limits, noon);
  const action = (stream: string, actedAt: number) => controlAction({ stream, actedAt });
  const count = (before: ControlRecord, actions: readonly ControlAction[]) =>
    countActions(before, step, target, { now: noon, ...bounds }, actions);

  const first = count(record, [action('a', noon - 1000), action('b', noon - 1000), action('b', noon - 900)]);
  const second = count(first.record, [action('b', noon - 800), action('c', noon - 800)]);

  expect(first.newStreams).toHaveLength(2);
  expect(second.newStreams).toEqual([[...second.record.streams.keys()].at(-1)]);
});

test('evicts a stream after seven days without actions', () => {
  const started = newControlRecord(target, noon);
  const first = countActions(
    started,
    nextControlStep(started, target, limits, noon),
    target,
    { now: noon, ...bounds },
    [controlAction({ actedAt: noon })],
  );
  const streamsAt = (now: number) => {
    const step = nextControlStep(first.record, target, limits, now);
    return countActions(first.record, step, target, { now, ...bounds }, []).record.streams.size;
  };

  expect(streamsAt(noon + 7 * 86_400_000)).toBe(1);
  expect(streamsAt(noon + 7 * 86_400_000 + 1)).toBe(0);
});

test.each([
  ['adds an application', ['live'], ['live', 'show'], totalLookbackMs],
  ['removes an application', ['live', 'show'], ['live'], 24 * 3_600_000],
  ['changes the order', ['live', 'show'], ['show', 'live'], 24 * 3_600_000],
  ['replaces an application', ['live'], ['show'], totalLookbackMs],
])('keeps each counted row when a list of applications %s', (_, from, to, lookbackMs) => {
  const old = controlTarget({ appNames: from });
  const now = noon + 86_400_000 * 2;
  let record = newControlRecord(old, noon);
  const rows = [now - 7_200_000, now - 60_000].map((actedAt) => controlAction({ actedAt }));
  const step = nextControlStep(record, old, limits, now);
  ({ record } = countActions(record, step, old, { now, ...bounds }, rows));

  const changed = controlTarget({ appNames: to });
  const adapted = adaptAppName(record, changed);

  expect(adapted.target.floor).toBe(Math.max(record.target.floor, record.target.watermark - lookbackMs));
  expect(adapted.target.seen).toEqual(rows.filter(({ actedAt }) => actedAt >= adapted.target.floor));
  expect(adaptAppName(adapted, changed)).toBe(adapted);
  const again = countActions(
    adapted,
    { window: step.window, gap: undefined },
    changed,
    { now, ...bounds },
    rows,
  );
  expect(again.added).toEqual([]);
});
