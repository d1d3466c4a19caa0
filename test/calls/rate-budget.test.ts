import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  afterFailure,
  afterSuccess,
  type BudgetFailure,
  newRateBudget,
  nextTokenAt,
  perSecondOf,
  type RateBudget,
  takeToken,
} from '../../src/calls/rate-budget.ts';
import { type FailureKind, failureKinds } from '../../src/model/answer.ts';

// A turn of a budget of 22 a second comes each 50 ms: 20 of them are a second, and what calls may differ on their way.
test('the first turn is now, the next comes a pause later', () => {
  const budget = newRateBudget(22);

  expect(nextTokenAt(budget, 1_000)).toBe(1_000);
  expect(nextTokenAt(takeToken(budget, 1_000), 1_010)).toBe(1_050);
});

test('after a rest there is one turn at once, and no more', () => {
  const rested = takeToken(newRateBudget(22), 1_000);

  expect(nextTokenAt(rested, 60_000)).toBe(60_000);
  expect(nextTokenAt(takeToken(rested, 60_000), 60_000)).toBe(60_050);
});

test('a rate below one is a pause of more than a second', () => {
  expect(nextTokenAt(takeToken(newRateBudget(0.1), 0), 0)).toBe(11_000);
});

test('throttling halves the rate, once for all the calls under way together', () => {
  const sent = [0, 50, 100].reduce(takeToken, newRateBudget(20));

  const cut = afterFailure(sent, throttled(), 0, 120);
  const second = afterFailure(cut, throttled(), 50, 170);
  const third = afterFailure(second, throttled(), 100, 220);
  const next = afterFailure(third, throttled(), 600, 720);

  expect([cut, second, third, next].map(perSecondOf)).toEqual([10, 10, 10, 5]);
});

test('after a refused turn there is half a second of rest, for the provider counts by the second', () => {
  const cut = afterFailure(takeToken(newRateBudget(20), 1_000), throttled(), 1_000, 1_040);

  expect(nextTokenAt(cut, 1_040)).toBe(1_500);
});

test('a provider that asks us to wait is not asked before, and at the slower rate then', () => {
  const cut = afterFailure(takeToken(newRateBudget(20), 0), throttled(7_000), 0, 40);

  expect(nextTokenAt(cut, 40)).toBe(7_040);
  expect(nextTokenAt(takeToken(cut, 7_040), 7_040)).toBe(7_150);
});

test('the longest wait asked for counts, up to a minute', () => {
  const long = afterFailure(newRateBudget(20), throttled(3_600_000), 0, 1_000);
  const longThenShort = afterFailure(long, throttled(1_000), 0, 2_000);

  expect(nextTokenAt(longThenShort, 2_000)).toBe(61_000);
});

test('a call that found its target out of order holds back no other, whatever it was asked to wait', () => {
  const sent = takeToken(newRateBudget(22), 0);
  const after = afterFailure(sent, { kind: 'unavailable', retryAfterMs: 5_000 }, 0, 40);

  expect(nextTokenAt(after, 40)).toBe(50);
  expect(perSecondOf(after)).toBe(22);
});

test.each<FailureKind>(['auth', 'refused', 'malformed', 'internal'])(
  'a call that failed as %s tells nothing of how often we may ask',
  (kind) => {
    const budget = takeToken(newRateBudget(20), 0);

    expect(afterFailure(budget, { kind, retryAfterMs: 5_000 }, 0, 100)).toEqual(budget);
  },
);

test('answers bring the rate back with the time that they go on, and not above what is configured', () => {
  const cut = afterFailure(newRateBudget(20), throttled(), 500, 1_000);

  const rates = [1_000, 6_000, 11_000, 26_000, 900_000]
    .map((at) => afterSuccess(cut, at))
    .map((budget) => perSecondOf(budget));

  expect(rates).toEqual([10, 12, 14, 20, 20]);
});

test('neither the wait that was asked for nor the time of an outage brings the rate back', () => {
  const cut = afterFailure(newRateBudget(20), throttled(30_000), 0, 0);
  const atItsEnd = afterSuccess(cut, 30_000);
  const outage = { kind: 'unavailable', retryAfterMs: undefined } as const;
  const afterOutage = afterSuccess(afterFailure(atItsEnd, outage, 30_000, 600_000), 600_000);
  const later = afterSuccess(afterOutage, 605_000);

  expect([atItsEnd, afterOutage, later].map(perSecondOf)).toEqual([10, 10, 12]);
});

test('the rate never falls below one a second, nor below a configured one that is lower', () => {
  const often = Array.from({ length: 2_000 }, (_, i) => (i + 1) * 1_000);
  const worn = (perSecond: number) =>
    often.reduce((budget, at) => afterFailure(budget, throttled(), at, at), newRateBudget(perSecond));

  expect(perSecondOf(worn(20))).toBe(1);
  expect(perSecondOf(worn(0.1))).toBe(0.1);
});

test('what was learned holds for another rate, as a share of it', () => {
  const cut = afterFailure(newRateBudget(20), throttled(), 500, 1_000);

  expect(perSecondOf({ ...cut, configured: 40 })).toBe(20);
  expect(perSecondOf({ ...cut, configured: 1.5 })).toBe(1);
});

/** What may come of a call, and how long that took. */
const call = fc.record({
  askedMs: fc.integer({ min: 0, max: 3_000 }),
  tookMs: fc.integer({ min: 0, max: 3_000 }),
  kind: fc.constantFrom(...failureKinds, 'throttled', undefined, undefined),
  retryAfterMs: fc.constantFrom(undefined, 0, 400, 9_000, 3_600_000, Infinity),
});
const configured = fc.oneof(
  fc.integer({ min: 1, max: 50 }),
  fc.double({ min: 0.01, max: 1_000, noNaN: true }),
);

test('whatever comes of the calls, the rate stays in bounds and no two turns are closer than it allows', () => {
  fc.assert(
    fc.property(configured, fc.array(call, { maxLength: 200 }), (perSecond, calls) => {
      let budget = newRateBudget(perSecond);
      let now = 0;
      let lastTurnAt = -Infinity;
      const turns: number[] = [];
      const underWay: (() => void)[] = [];
      for (const { askedMs, tookMs, kind, retryAfterMs } of calls) {
        now += askedMs;
        // Two are under way at a time.
        if (underWay.length > 1) for (const end of underWay.splice(0)) end();
        const turnAt = nextTokenAt(budget, now);
        const rate = perSecondOf(budget);
        expect(rate).toBeLessThanOrEqual(perSecond);
        expect(rate).toBeGreaterThanOrEqual(Math.min(1, perSecond));
        // Half a microsecond for sums of fractions, here and below.
        expect(turnAt - lastTurnAt).toBeGreaterThanOrEqual(1_100 / rate - 0.0005);
        expect(turnAt - now).toBeLessThanOrEqual(Math.max(1_100 / rate, 60_000) + 0.0005);
        budget = takeToken(budget, turnAt);
        lastTurnAt = turnAt;
        turns.push(turnAt);
        now = turnAt;
        underWay.push(() => {
          now += tookMs;
          budget =
            kind === undefined
              ? afterSuccess(budget, now)
              : afterFailure(budget, { kind, retryAfterMs }, turnAt, now);
        });
      }
      const within = (from: number) => turns.filter((at) => at >= from && at < from + 1_100 - 0.0005).length;
      expect(Math.max(0, ...turns.map(within))).toBeLessThanOrEqual(Math.ceil(perSecond));
    }),
  );
});

test('no second of the provider sees more calls than the rate, wherever it begins, though some are longer on their way', () => {
  const way = fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 100, maxLength: 400 });

  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 999 }),
      way,
      (rate, phaseMs, ways) => {
        let budget = newRateBudget(rate);
        const arrivals = new Map<number, number>();
        for (const wayMs of ways) {
          const turnAt = nextTokenAt(budget, 0);
          budget = takeToken(budget, turnAt);
          const second = Math.floor((turnAt + wayMs + phaseMs) / 1_000);
          arrivals.set(second, (arrivals.get(second) ?? 0) + 1);
        }
        expect(Math.max(...arrivals.values())).toBeLessThanOrEqual(rate);
      },
    ),
  );
});

test('nor when turns come late, as timers do', () => {
  const lateness = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constantFrom(0, 0, 0, 0, 0, 30, 120, 900));
  const turn = fc.record({ lateMs: lateness, wayMs: fc.integer({ min: 0, max: 89 }) });

  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 999 }),
      fc.array(turn, { minLength: 100, maxLength: 400 }),
      (rate, phaseMs, turns) => {
        let budget = newRateBudget(rate);
        let now = 0;
        const arrivals = new Map<number, number>();
        for (const { lateMs, wayMs } of turns) {
          now = nextTokenAt(budget, now) + lateMs;
          budget = takeToken(budget, now);
          const second = Math.floor((now + wayMs + phaseMs) / 1_000);
          arrivals.set(second, (arrivals.get(second) ?? 0) + 1);
        }
        expect(Math.max(...arrivals.values())).toBeLessThanOrEqual(rate);
      },
    ),
  );
});

test('a limit by calendar second refuses few, wherever its seconds begin, and the old rate is soon back', () => {
  const storm = fc.record({
    perSecond: fc.integer({ min: 12, max: 200 }),
    share: fc.double({ min: 0.3, max: 1, noNaN: true }),
    phaseMs: fc.integer({ min: 0, max: 999 }),
    tookMs: fc.integer({ min: 2, max: 400 }),
  });

  fc.assert(
    fc.property(storm, ({ perSecond, share, phaseMs, tookMs }) => {
      const limit = Math.ceil(perSecond * share);
      const calls = callsUnder(perSecond, tookMs, (at) => ({
        second: Math.floor((at + phaseMs) / 1_000),
        limit: at >= 5_000 && at < 65_000 ? limit : Infinity,
      }));
      const between = (from: number, to: number) => calls.filter(({ at }) => at >= from && at < to);

      const late = between(10_000, 65_000);
      expect(late.filter(({ ok }) => !ok).length).toBeLessThan(late.length / 10);
      for (let at = 5_000; at < 125_000; at += 1_000) expect(between(at, at + 1_000)).not.toEqual([]);
      expect(between(120_000, 125_000).length).toBeGreaterThanOrEqual(0.9 * perSecond * 5 - 1);
    }),
    { numRuns: 20 },
  );
});

function throttled(retryAfterMs?: number): BudgetFailure {
  return { kind: 'throttled', retryAfterMs };
}

/** 125 seconds of calls, as many as the budget gives, at a provider that takes `limit` of them in each second of its own. */
function callsUnder(
  perSecond: number,
  tookMs: number,
  limitAt: (at: number) => { readonly second: number; readonly limit: number },
) {
  let budget: RateBudget = newRateBudget(perSecond);
  const calls: { readonly at: number; readonly ok: boolean }[] = [];
  const underWay: { readonly at: number; readonly ok: boolean }[] = [];
  const taken = new Map<number, number>();
  for (
    let now = 0;
    now < 125_000;
    now = Math.min(nextTokenAt(budget, now), (underWay[0]?.at ?? now) + tookMs)
  ) {
    while (underWay[0] !== undefined && underWay[0].at + tookMs <= now) {
      const { at, ok } = underWay[0];
      budget = ok ? afterSuccess(budget, now) : afterFailure(budget, throttled(), at, now);
      underWay.shift();
    }
    if (nextTokenAt(budget, now) > now) continue;
    budget = takeToken(budget, now);
    const { second, limit } = limitAt(now);
    const inSecond = (taken.get(second) ?? 0) + 1;
    taken.set(second, inSecond);
    const call = { at: now, ok: inSecond <= limit };
    calls.push(call);
    underWay.push(call);
  }
  return calls;
}
