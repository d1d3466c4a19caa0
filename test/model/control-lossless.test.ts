import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ControlAction } from '../../src/model/control-action.ts';
import {
  type ControlRecord,
  countActions,
  newControlRecord,
  nextControlStep,
  withAppName,
} from '../../src/model/control-record.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { noon } from '../support/samples.ts';

const target = controlTarget();
const reachMs = target.expectedDelayMs + target.lookbackMs;
const limits = { spanMs: 7 * 86_400_000, retentionMs: 7 * 86_400_000 };

const bounds = { actionLabels: new Set<string>(), freeStreams: 100 };

interface Told {
  readonly action: ControlAction;
  readonly visibleAt: number;
}

/** An hour of actions, with twins in one second, told late: within the lookback, or in time for a sweep. */
const history: fc.Arbitrary<readonly Told[]> = fc.array(
  fc
    .record({
      second: fc.integer({ min: 0, max: 3600 }),
      stream: fc.constantFrom('news', 'sport'),
      action: fc.constantFrom('forbid', 'resume', 'kick'),
      delayMs: fc.oneof(fc.integer({ min: 0, max: reachMs }), fc.integer({ min: 0, max: 20 * 3_600_000 })),
    })
    .map(({ second, stream, action, delayMs }) => {
      const actedAt = noon + second * 1000;
      return { action: controlAction({ actedAt, stream, action }), visibleAt: actedAt + delayMs };
    }),
  { maxLength: 60 },
);

const turn = fc.record({
  waitMs: fc.oneof(fc.integer({ min: 1000, max: 60_000 }), fc.integer({ min: 60_000, max: 3_000_000 })),
  what: fc.constantFrom('answered', 'answered', 'failed'),
  seed: fc.integer(),
});

test('each action counts once, twins too, however the history is cut, told late or swept up', () => {
  fc.assert(
    fc.property(history, fc.array(turn, { maxLength: 60 }), (told, turns) => {
      let record: ControlRecord = newControlRecord(target, noon + reachMs);
      let now = noon + reachMs;
      const ask = (seed: number) => {
        const step = nextControlStep(record, target, limits, now);
        const { from, to } = step.window;
        const rows = told
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

      for (const { waitMs, what, seed } of turns) {
        now += waitMs;
        if (what === 'answered') ask(seed);
      }
      // An hourly sweep for as long as anything may still be told.
      const end = noon + 23 * 3_600_000;
      for (now = Math.max(now, noon + 3_600_000); now < end; now += 3_600_000) ask(1);

      const expected: Record<string, number> = {};
      for (const { action } of told) {
        const key = `${action.stream} ${action.action}`;
        expected[key] = (expected[key] ?? 0) + 1;
      }
      expect(countsOf(record)).toEqual(expected);
      const total = Object.values(record.domain.actions).reduce((sum, { count }) => sum + count, 0);
      expect(total).toBe(told.length);
    }),
    { numRuns: 300 },
  );
});

/** What is done to streams of two applications, each told within the lookback. */
const ofTwoApps: fc.Arbitrary<readonly Told[]> = fc.array(
  fc
    .record({
      second: fc.integer({ min: 0, max: 3600 }),
      appName: fc.constantFrom('live', 'other'),
      action: fc.constantFrom('forbid', 'resume'),
      delayMs: fc.integer({ min: 0, max: reachMs }),
    })
    .map(({ second, appName, action, delayMs }) => {
      const actedAt = noon + second * 1000;
      const stream = `one of ${appName}`;
      return { action: controlAction({ actedAt, appName, stream, action }), visibleAt: actedAt + delayMs };
    }),
  { maxLength: 60 },
);

test('whichever application is asked about, and however names are told, what was always asked for counts once, the rest once at most', () => {
  fc.assert(
    fc.property(ofTwoApps, fc.array(turn, { maxLength: 60 }), fc.boolean(), (told, turns, isBare) => {
      let record: ControlRecord = newControlRecord(target, noon + reachMs);
      let now = noon + reachMs;
      const ask = (appName: string | undefined) => {
        const asked = controlTarget({ appName });
        const before = withAppName(record, asked);
        const step = nextControlStep(before, asked, limits, now);
        const rows = told
          .filter(({ action, visibleAt }) => {
            const isWithin = action.actedAt >= step.window.from && action.actedAt <= step.window.to;
            return isWithin && visibleAt <= now && (appName ?? action.appName) === action.appName;
          })
          .map(({ action }) => (isBare ? { ...action, appName: appName ?? '' } : action));
        ({ record } = countActions(before, step, asked, { now, ...bounds }, rows));
      };

      for (const { waitMs, what, seed } of turns) {
        now += waitMs;
        if (what === 'answered') ask(seed % 2 === 0 ? 'live' : undefined);
      }
      now = Math.max(now, noon + 3_600_000) + reachMs;
      ask('live');
      ask(undefined);

      const expected = { live: 0, other: 0 };
      for (const { action } of told) expected[action.appName === 'live' ? 'live' : 'other']++;
      const counted = { live: 0, other: 0 };
      for (const { stream, actions } of record.streams.values()) {
        for (const { count } of Object.values(actions)) {
          counted[stream.stream === 'one of live' ? 'live' : 'other'] += count;
        }
      }
      expect(counted.live).toBe(expected.live);
      expect(counted.other).toBeLessThanOrEqual(expected.other);
    }),
    { numRuns: 300 },
  );
});

test('of an application that was not asked about before, only what a first start asks for is new', () => {
  const narrow = controlTarget({ appName: 'live' });
  const begun = newControlRecord(narrow, noon - 5 * 3_600_000);
  const first = nextControlStep(begun, narrow, limits, noon);
  const { record } = countActions(begun, first, narrow, { now: noon, ...bounds }, []);
  const now = noon + 3_600_000;

  const step = nextControlStep(withAppName(record, target), target, limits, now);

  expect(step.isRescan).toBe(true);
  expect(step.window).toEqual({ from: noon - reachMs, to: now });
});

test('asked about one application of all that were, a record told a day late still counts', () => {
  const begun = newControlRecord(target, noon - 5 * 3_600_000);
  const first = nextControlStep(begun, target, limits, noon);
  const { record } = countActions(begun, first, target, { now: noon, ...bounds }, []);

  const after = withAppName(record, controlTarget({ appName: 'live' }));

  expect(after.target).toEqual(record.target);
});

test('a state of before goes on as it is, whichever application it is asked about', () => {
  const counted = newControlRecord(target, noon);
  const before = { ...counted, appName: undefined };

  expect(withAppName(before, controlTarget({ appName: 'live' }))).toEqual({ ...counted, appName: 'live' });
  expect(withAppName(before, target)).toEqual(counted);
});

test('what was done before the lookback of the first start is never counted', () => {
  const record = newControlRecord(target, noon);
  const step = nextControlStep(record, target, limits, noon);
  const old = controlAction({ actedAt: noon - reachMs - 1000 });

  expect(step.window).toEqual({ from: noon - reachMs, to: noon });
  const { added, skipped } = countActions(record, step, target, { now: noon, ...bounds }, [old]);
  expect([added, skipped.late]).toEqual([[], 1]);
});

test('once an hour a window reaches back as far as actions can be told apart', () => {
  const begun = newControlRecord(target, noon);
  const first = nextControlStep(begun, target, limits, noon);
  const { record } = countActions(begun, first, target, { now: noon, ...bounds }, []);
  const later = noon + 3_600_000;

  const step = nextControlStep(record, target, limits, later);

  expect(step.isRescan).toBe(true);
  expect(step.window).toEqual({ from: noon - reachMs, to: later });
});

test('what can no longer be asked about is a gap', () => {
  const record = newControlRecord(target, noon);
  const now = noon + 8 * 86_400_000;

  const step = nextControlStep(record, target, limits, now);

  expect(step.gap).toEqual({ from: noon - reachMs, to: now - 7 * 86_400_000 + 60_000 });
  const counted = countActions(record, step, target, { now, ...bounds }, []);
  expect(counted.record.domain.gapMs).toBe(86_400_000 + 60_000 + reachMs);
});

test('a stream for which there is no freeStreams counts for its domain only', () => {
  const record = newControlRecord(target, noon);
  const step = nextControlStep(record, target, limits, noon);
  const actions = ['a', 'b', 'b'].map((stream) => controlAction({ stream, actedAt: noon - 1000 }));

  const counted = countActions(record, step, target, { now: noon, ...bounds, freeStreams: 1 }, actions);

  expect(countsOf(counted.record)).toEqual({ 'a forbid': 1 });
  expect(counted.record.domain.actions.forbid?.count).toBe(3);
  expect(counted.dropped).toHaveLength(1);
});

test('a stream ends when nothing was done to it for seven days', () => {
  const begun = newControlRecord(target, noon);
  const first = countActions(
    begun,
    nextControlStep(begun, target, limits, noon),
    target,
    { now: noon, ...bounds },
    [controlAction({ actedAt: noon })],
  );
  const at = (now: number) => {
    const step = nextControlStep(first.record, target, limits, now);
    return countActions(first.record, step, target, { now, ...bounds }, []).record.streams.size;
  };

  expect(at(noon + 7 * 86_400_000)).toBe(1);
  expect(at(noon + 7 * 86_400_000 + 1)).toBe(0);
});

function countsOf({ streams }: ControlRecord): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { stream, actions } of streams.values()) {
    for (const [action, { count }] of Object.entries(actions)) counts[`${stream.stream} ${action}`] = count;
  }
  return counts;
}
