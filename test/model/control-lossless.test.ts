import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ControlAction } from '../../src/model/control-action.ts';
import {
  adaptAppName,
  type ControlRecord,
  countActions,
  newControlRecord,
  nextControlStep,
} from '../../src/model/control-record.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { noon } from '../support/samples.ts';

const target = controlTarget();
const totalLookbackMs = target.expectedDelayMs + target.lookbackMs;
const limits = { spanMs: 7 * 86_400_000, retentionMs: 7 * 86_400_000 };

const bounds = { actionLabels: new Set<string>() };

/** Action of the true history, and when the provider first returns it. */
interface TimedAction {
  readonly action: ControlAction;
  readonly visibleAt: number;
}

/** An hour of actions with equal ones in one second, delayed within the lookback or within that of a rescan. */
const history: fc.Arbitrary<readonly TimedAction[]> = fc.array(
  fc
    .record({
      second: fc.integer({ min: 0, max: 3600 }),
      stream: fc.constantFrom('news', 'sport'),
      action: fc.constantFrom('forbid', 'resume', 'kick'),
      delayMs: fc.oneof(
        fc.integer({ min: 0, max: totalLookbackMs }),
        fc.integer({ min: 0, max: 20 * 3_600_000 }),
      ),
    })
    .map(({ second, stream, action, delayMs }) => {
      const actedAt = noon + second * 1000;
      return { action: controlAction({ actedAt, stream, action }), visibleAt: actedAt + delayMs };
    }),
  { maxLength: 60 },
);

const poll = fc.record({
  waitMs: fc.oneof(fc.integer({ min: 1000, max: 60_000 }), fc.integer({ min: 60_000, max: 3_000_000 })),
  outcome: fc.constantFrom('answered', 'answered', 'failed'),
  seed: fc.integer(),
});

test('counts each action once, also equal ones, for any split, delay and rescan of the history', () => {
  fc.assert(
    fc.property(history, fc.array(poll, { maxLength: 60 }), (all, polls) => {
      let record: ControlRecord = newControlRecord(target, noon + totalLookbackMs);
      let now = noon + totalLookbackMs;
      const request = (seed: number) => {
        const step = nextControlStep(record, target, limits, now);
        const { from, to } = step.window;
        const rows = all
          .filter(
            ({ action: { actedAt }, visibleAt }) => actedAt >= from && actedAt <= to && visibleAt <= now,
          )
          .map(({ action }, i) => ({ action, rank: Math.sin(seed + i * 7919) }))
          .sort((a, b) => a.rank - b.rank);
        record = countActions(
          record,
          step,
          target,
          { now, ...bounds },
          rows.map(({ action }) => action),
        ).record;
      };

      for (const { waitMs, outcome, seed } of polls) {
        now += waitMs;
        if (outcome === 'answered') request(seed);
      }
      // Hourly rescans until no action can appear any more.
      const end = noon + 23 * 3_600_000;
      for (now = Math.max(now, noon + 3_600_000); now < end; now += 3_600_000) request(1);

      const expected: Record<string, number> = {};
      for (const { action } of all) {
        const key = `${action.stream} ${action.action}`;
        expected[key] = (expected[key] ?? 0) + 1;
      }
      expect(countsOf(record)).toEqual(expected);
      const total = Object.values(record.domain.actions).reduce((sum, { count }) => sum + count, 0);
      expect(total).toBe(all.length);
    }),
    { numRuns: 300 },
  );
});

/** Actions on streams of two applications, each delayed within the lookback. */
const twoAppHistory: fc.Arbitrary<readonly TimedAction[]> = fc.array(
  fc
    .record({
      second: fc.integer({ min: 0, max: 3600 }),
      appName: fc.constantFrom('live', 'other'),
      action: fc.constantFrom('forbid', 'resume'),
      delayMs: fc.integer({ min: 0, max: totalLookbackMs }),
    })
    .map(({ second, appName, action, delayMs }) => {
      const actedAt = noon + second * 1000;
      const stream = `stream of ${appName}`;
      return { action: controlAction({ actedAt, appName, stream, action }), visibleAt: actedAt + delayMs };
    }),
  { maxLength: 60 },
);

test('counts each action once if its application was always requested, otherwise at most once, with or without application names', () => {
  fc.assert(
    fc.property(
      twoAppHistory,
      fc.array(poll, { maxLength: 60 }),
      fc.boolean(),
      (all, polls, omitsAppName) => {
        let record: ControlRecord = newControlRecord(target, noon + totalLookbackMs);
        let now = noon + totalLookbackMs;
        const request = (appName: string | undefined) => {
          const narrowed = controlTarget({ appName });
          const before = adaptAppName(record, narrowed);
          const step = nextControlStep(before, narrowed, limits, now);
          const rows = all
            .filter(({ action, visibleAt }) => {
              const isWithin = action.actedAt >= step.window.from && action.actedAt <= step.window.to;
              return isWithin && visibleAt <= now && (appName ?? action.appName) === action.appName;
            })
            .map(({ action }) => (omitsAppName ? { ...action, appName: appName ?? '' } : action));
          ({ record } = countActions(before, step, narrowed, { now, ...bounds }, rows));
        };

        for (const { waitMs, outcome, seed } of polls) {
          now += waitMs;
          if (outcome === 'answered') request(seed % 2 === 0 ? 'live' : undefined);
        }
        now = Math.max(now, noon + 3_600_000) + totalLookbackMs;
        request('live');
        request(undefined);

        const expected = { live: 0, other: 0 };
        for (const { action } of all) expected[action.appName === 'live' ? 'live' : 'other']++;
        const counted = { live: 0, other: 0 };
        for (const { stream, actions } of record.streams.values()) {
          for (const { count } of Object.values(actions)) {
            counted[stream.stream === 'stream of live' ? 'live' : 'other'] += count;
          }
        }
        expect(counted.live).toBe(expected.live);
        expect(counted.other).toBeLessThanOrEqual(expected.other);
      },
    ),
    { numRuns: 300 },
  );
});

test.each([
  ['lists streams without their application', { appName: '' }],
  ['omits the client address', { clientIp: undefined }],
])('counts each action of the domain once, however often the provider %s', (_, missing) => {
  fc.assert(
    fc.property(history, fc.array(poll, { maxLength: 60 }), (all, polls) => {
      let record: ControlRecord = newControlRecord(target, noon + totalLookbackMs);
      let now = noon + totalLookbackMs;
      const request = (isOmitted: (i: number) => boolean) => {
        const step = nextControlStep(record, target, limits, now);
        const rows = all
          .filter(({ action: { actedAt }, visibleAt }) => {
            return actedAt >= step.window.from && actedAt <= step.window.to && visibleAt <= now;
          })
          .map(({ action }, i) => (isOmitted(i) ? { ...action, ...missing } : action));
        ({ record } = countActions(record, step, target, { now, ...bounds }, rows));
      };

      for (const { waitMs, outcome, seed } of polls) {
        now += waitMs;
        if (outcome === 'answered') request((i) => Math.sin(seed + i * 7919) > 0);
      }
      const end = noon + 23 * 3_600_000;
      for (now = Math.max(now, noon + 3_600_000); now < end; now += 3_600_000) request(() => now % 2 === 0);

      const total = Object.values(record.domain.actions).reduce((sum, { count }) => sum + count, 0);
      expect(total).toBe(all.length);
    }),
    { numRuns: 200 },
  );
});

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

function countsOf({ streams }: ControlRecord): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { stream, actions } of streams.values()) {
    for (const [action, { count }] of Object.entries(actions)) counts[`${stream.stream} ${action}`] = count;
  }
  return counts;
}
