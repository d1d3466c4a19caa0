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
import {
  noActionLabels as bounds,
  controlAction,
  controlTarget,
  controlLimits as limits,
} from '../support/actions.ts';
import { noon } from '../support/samples.ts';

const target = controlTarget();
const totalLookbackMs = target.expectedDelayMs + target.lookbackMs;

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

/**
 * Calls that cut the pushes of a stream at least a minute apart. Each is recorded as one to three ends within
 * 8 s.
 */
const cuts: fc.Arbitrary<readonly (readonly TimedAction[])[]> = fc.uniqueArray(
  fc
    .record({
      minute: fc.integer({ min: 0, max: 60 }),
      stream: fc.constantFrom('news', 'sport'),
      ends: fc.array(
        fc.record({
          second: fc.integer({ min: 0, max: 8 }),
          delayMs: fc.oneof(
            fc.integer({ min: 0, max: totalLookbackMs - 20_000 }),
            fc.integer({ min: 0, max: 20 * 3_600_000 }),
          ),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    })
    .map(({ minute, stream, ends }) =>
      ends.map(({ second, delayMs }): TimedAction => {
        const actedAt = noon + 20_000 + minute * 60_000 + second * 1000;
        return { action: controlAction({ actedAt, stream, action: 'drop' }), visibleAt: actedAt + delayMs };
      }),
    ),
  {
    selector: ([first]) =>
      `${first?.action.stream} ${Math.floor(((first?.action.actedAt ?? 0) - 20_000) / 60_000)}`,
    maxLength: 30,
  },
);

test('counts each call once that cuts several pushes of a stream, for any split, delay and order of the ends', () => {
  fc.assert(
    fc.property(cuts, fc.array(poll, { maxLength: 60 }), (calls, polls) => {
      const all = calls.flat();
      let record: ControlRecord = newControlRecord(target, noon + totalLookbackMs);
      let now = noon + totalLookbackMs;
      const request = (seed: number) => {
        const step = nextControlStep(record, target, limits, now);
        const rows = all
          .filter(({ action: { actedAt }, visibleAt }) => {
            return actedAt >= step.window.from && actedAt <= step.window.to && visibleAt <= now;
          })
          .map(({ action }, i) => ({ action, rank: Math.sin(seed + i * 7919) }))
          .sort((a, b) => a.rank - b.rank);
        const settings = { now, sameActionMs: 10_000, ...bounds };
        ({ record } = countActions(
          record,
          step,
          target,
          settings,
          rows.map(({ action }) => action),
        ));
      };

      for (const { waitMs, outcome, seed } of polls) {
        now += waitMs;
        if (outcome === 'answered') request(seed);
      }
      const end = noon + 23 * 3_600_000;
      for (now = Math.max(now, noon + 3_700_000); now < end; now += 3_600_000) request(1);

      const total = Object.values(record.domain.actions).reduce((sum, { count }) => sum + count, 0);
      expect(total).toBe(calls.length);
    }),
    { numRuns: 300 },
  );
});

function countsOf({ streams }: ControlRecord): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { stream, actions } of streams.values()) {
    for (const [action, { count }] of Object.entries(actions)) counts[`${stream.stream} ${action}`] = count;
  }
  return counts;
}
