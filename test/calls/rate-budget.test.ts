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

// At 22 requests per second, tokens are 50 ms apart: 1,100 ms / 22, which allows for 100 ms of network
// jitter.
test('issues the first token immediately and the next one a spacing later', () => {
  const budget = newRateBudget(22);

  expect(nextTokenAt(budget, 1_000)).toBe(1_000);
  expect(nextTokenAt(takeToken(budget, 1_000), 1_010)).toBe(1_050);
});

test('accumulates no more than one token while idle', () => {
  const idle = takeToken(newRateBudget(22), 1_000);

  expect(nextTokenAt(idle, 60_000)).toBe(60_000);
  expect(nextTokenAt(takeToken(idle, 60_000), 60_000)).toBe(60_050);
});

test('spaces tokens more than a second apart at a rate below 1', () => {
  expect(nextTokenAt(takeToken(newRateBudget(0.1), 0), 0)).toBe(11_000);
});

test('halves the rate once per burst of throttled calls', () => {
  const sent = [0, 50, 100].reduce(takeToken, newRateBudget(20));

  const cut = afterFailure(sent, throttled(), 0, 120);
  const second = afterFailure(cut, throttled(), 50, 170);
  const third = afterFailure(second, throttled(), 100, 220);
  const next = afterFailure(third, throttled(), 600, 720);

  expect([cut, second, third, next].map(perSecondOf)).toEqual([10, 10, 10, 5]);
});

test('pauses for half a second after a throttled token', () => {
  const cut = afterFailure(takeToken(newRateBudget(20), 1_000), throttled(), 1_000, 1_040);

  expect(nextTokenAt(cut, 1_040)).toBe(1_500);
});

test('issues no token before Retry-After, and continues at the lower rate', () => {
  const cut = afterFailure(takeToken(newRateBudget(20), 0), throttled(7_000), 0, 40);

  expect(nextTokenAt(cut, 40)).toBe(7_040);
  expect(nextTokenAt(takeToken(cut, 7_040), 7_040)).toBe(7_150);
});

test('holds for the longest Retry-After, up to a minute', () => {
  const long = afterFailure(newRateBudget(20), throttled(3_600_000), 0, 1_000);
  const longThenShort = afterFailure(long, throttled(1_000), 0, 2_000);

  expect(nextTokenAt(longThenShort, 2_000)).toBe(61_000);
});

test('does not hold the operation for the Retry-After of an unavailable target', () => {
  const sent = takeToken(newRateBudget(22), 0);
  const after = afterFailure(sent, { kind: 'unavailable', retryAfterMs: 5_000 }, 0, 40);

  expect(nextTokenAt(after, 40)).toBe(50);
  expect(perSecondOf(after)).toBe(22);
});

test.each<FailureKind>(['auth', 'refused', 'malformed', 'internal'])(
  'ignores a failure of kind %s',
  (kind) => {
    const budget = takeToken(newRateBudget(20), 0);

    expect(afterFailure(budget, { kind, retryAfterMs: 5_000 }, 0, 100)).toEqual(budget);
  },
);

test('raises the rate with the time since the cut, up to the configured rate', () => {
  const cut = afterFailure(newRateBudget(20), throttled(), 500, 1_000);

  const rates = [1_000, 6_000, 11_000, 26_000, 900_000]
    .map((at) => afterSuccess(cut, at))
    .map((budget) => perSecondOf(budget));

  expect(rates).toEqual([10, 12, 14, 20, 20]);
});

test('does not raise the rate for the time of a hold or an outage', () => {
  const cut = afterFailure(newRateBudget(20), throttled(30_000), 0, 0);
  const atHoldEnd = afterSuccess(cut, 30_000);
  const outage = { kind: 'unavailable', retryAfterMs: undefined } as const;
  const afterOutage = afterSuccess(afterFailure(atHoldEnd, outage, 30_000, 600_000), 600_000);
  const later = afterSuccess(afterOutage, 605_000);

  expect([atHoldEnd, afterOutage, later].map(perSecondOf)).toEqual([10, 10, 12]);
});

test('never lowers the rate below 1 per second or a lower configured rate', () => {
  const times = Array.from({ length: 2_000 }, (_, i) => (i + 1) * 1_000);
  const throttledFor = (perSecond: number) =>
    times.reduce((budget, at) => afterFailure(budget, throttled(), at, at), newRateBudget(perSecond));

  expect(perSecondOf(throttledFor(20))).toBe(1);
  expect(perSecondOf(throttledFor(0.1))).toBe(0.1);
});

test('applies the learned share to a changed rate', () => {
  const cut = afterFailure(newRateBudget(20), throttled(), 500, 1_000);

  expect(perSecondOf({ ...cut, configured: 40 })).toBe(20);
  expect(perSecondOf({ ...cut, configured: 1.5 })).toBe(1);
});

/** Generates the delay before a call, its duration and its outcome. */
const call = fc.record({
  delayMs: fc.integer({ min: 0, max: 3_000 }),
  tookMs: fc.integer({ min: 0, max: 3_000 }),
  kind: fc.constantFrom(...failureKinds, 'throttled', undefined, undefined),
  retryAfterMs: fc.constantFrom(undefined, 0, 400, 9_000, 3_600_000, Infinity),
});
const configured = fc.oneof(
  fc.integer({ min: 1, max: 50 }),
  fc.double({ min: 0.01, max: 1_000, noNaN: true }),
);

test('keeps the rate in bounds and the tokens spaced, whatever the outcomes of the calls', () => {
  fc.assert(
    fc.property(configured, fc.array(call, { maxLength: 200 }), (perSecond, calls) => {
      let budget = newRateBudget(perSecond);
      let now = 0;
      let previousTokenAt = -Infinity;
      const tokens: number[] = [];
      const inFlight: (() => void)[] = [];
      for (const { delayMs, tookMs, kind, retryAfterMs } of calls) {
        now += delayMs;
        // At most two calls are in flight.
        if (inFlight.length > 1) for (const end of inFlight.splice(0)) end();
        const tokenAt = nextTokenAt(budget, now);
        const rate = perSecondOf(budget);
        expect(rate).toBeLessThanOrEqual(perSecond);
        expect(rate).toBeGreaterThanOrEqual(Math.min(1, perSecond));
        // Allow 0.5 us for rounding errors of sums, here and below.
        expect(tokenAt - previousTokenAt).toBeGreaterThanOrEqual(1_100 / rate - 0.0005);
        expect(tokenAt - now).toBeLessThanOrEqual(Math.max(1_100 / rate, 60_000) + 0.0005);
        budget = takeToken(budget, tokenAt);
        previousTokenAt = tokenAt;
        tokens.push(tokenAt);
        now = tokenAt;
        inFlight.push(() => {
          now += tookMs;
          budget =
            kind === undefined
              ? afterSuccess(budget, now)
              : afterFailure(budget, { kind, retryAfterMs }, tokenAt, now);
        });
      }
      const within = (from: number) => tokens.filter((at) => at >= from && at < from + 1_100 - 0.0005).length;
      expect(Math.max(0, ...tokens.map(within))).toBeLessThanOrEqual(Math.ceil(perSecond));
    }),
  );
});

test('keeps each calendar second of the provider within the rate despite network jitter', () => {
  const latencies = fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 100, maxLength: 400 });

  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 999 }),
      latencies,
      (rate, phaseMs, latenciesMs) => {
        let budget = newRateBudget(rate);
        const arrivals = new Map<number, number>();
        for (const latencyMs of latenciesMs) {
          const tokenAt = nextTokenAt(budget, 0);
          budget = takeToken(budget, tokenAt);
          const second = Math.floor((tokenAt + latencyMs + phaseMs) / 1_000);
          arrivals.set(second, (arrivals.get(second) ?? 0) + 1);
        }
        expect(Math.max(...arrivals.values())).toBeLessThanOrEqual(rate);
      },
    ),
  );
});

test('keeps each calendar second of the provider within the rate despite late timers', () => {
  const latenessMs = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constantFrom(0, 0, 0, 0, 0, 30, 120, 900));
  const token = fc.record({ lateMs: latenessMs, latencyMs: fc.integer({ min: 0, max: 89 }) });

  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 999 }),
      fc.array(token, { minLength: 100, maxLength: 400 }),
      (rate, phaseMs, tokens) => {
        let budget = newRateBudget(rate);
        let now = 0;
        const arrivals = new Map<number, number>();
        for (const { lateMs, latencyMs } of tokens) {
          now = nextTokenAt(budget, now) + lateMs;
          budget = takeToken(budget, now);
          const second = Math.floor((now + latencyMs + phaseMs) / 1_000);
          arrivals.set(second, (arrivals.get(second) ?? 0) + 1);
        }
        expect(Math.max(...arrivals.values())).toBeLessThanOrEqual(rate);
      },
    ),
  );
});

test('adapts to a limit per calendar second with few refusals, and recovers soon', () => {
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

/**
 * Makes calls for 125 s at the rate of the budget. The provider accepts `limit` of them per calendar second
 * of its clock.
 */
function callsUnder(
  perSecond: number,
  tookMs: number,
  limitAt: (at: number) => { readonly second: number; readonly limit: number },
) {
  let budget: RateBudget = newRateBudget(perSecond);
  const calls: { readonly at: number; readonly ok: boolean }[] = [];
  const inFlight: { readonly at: number; readonly ok: boolean }[] = [];
  const received = new Map<number, number>();
  for (
    let now = 0;
    now < 125_000;
    now = Math.min(nextTokenAt(budget, now), (inFlight[0]?.at ?? now) + tookMs)
  ) {
    while (inFlight[0] !== undefined && inFlight[0].at + tookMs <= now) {
      const { at, ok } = inFlight[0];
      budget = ok ? afterSuccess(budget, now) : afterFailure(budget, throttled(), at, now);
      inFlight.shift();
    }
    if (nextTokenAt(budget, now) > now) continue;
    budget = takeToken(budget, now);
    const { second, limit } = limitAt(now);
    const inSecond = (received.get(second) ?? 0) + 1;
    received.set(second, inSecond);
    const call = { at: now, ok: inSecond <= limit };
    calls.push(call);
    inFlight.push(call);
  }
  return calls;
}
