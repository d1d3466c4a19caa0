import { expect, test } from 'vitest';
import { createRateLimiter } from '../../src/calls/rate-limit.ts';
import { ProviderError } from '../../src/model/answer.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { named, setUpPoller } from '../support/poller.ts';

test('polls streams expected live first if the budget is small, without starving others', async () => {
  let isDay = true;
  const day = Array.from({ length: 50 }, (_, i) => named(`day${i}`, { hasPriority: () => isDay }));
  const night = Array.from({ length: 50 }, (_, i) => named(`night${i}`, { hasPriority: () => !isDay }));
  let room = 0;
  const { poller, ran, clock } = setUpPoller({
    targets: [...day, ...night],
    perSecond: () => 5,
    // Five calls a second and no more: twenty seconds are a round.
    waiting: () => (room-- > 0 ? 0 : 100),
  });
  const startEachSecond = async (seconds: number) => {
    const before = ran.length;
    for (let s = 0; s < seconds; s++) {
      room = 5;
      await poller.start(clock.now());
      await clock.advance(1000);
    }
    const runs = ran.slice(before);
    return { day: runs.filter((key) => key.startsWith('day')).length, all: runs.length };
  };

  await startEachSecond(60);
  const byDay = await startEachSecond(200);
  isDay = false;
  await startEachSecond(60);
  const byNight = await startEachSecond(200);

  expect(byDay.all).toBe(1000);
  expect(byDay.day).toBeGreaterThan(650);
  expect(byDay.day).toBeLessThan(750);
  expect(byNight.day).toBeGreaterThan(250);
  expect(byNight.day).toBeLessThan(350);
});

test('starts no run while requests wait for tokens', async () => {
  const { poller, ran, clock } = setUpPoller({ targets: [named('a')], waiting: () => 2 });

  await poller.start(clock.now());

  expect(ran).toEqual([]);
});

test.each([
  [20, 18, 2],
  [200, 181, 8],
  [1000, 900, 10],
])('uses every token at %d requests/s, with few waiting runs', async (rate, least, mostWaiting) => {
  const clock = createManualClock();
  const stopping = new AbortController();
  const limiter = createRateLimiter(rate, clock);
  let took = 0;
  let waiting = 0;
  const { poller } = setUpPoller({
    targets: Array.from({ length: 5 * rate }, (_, i) => named(`s${i}`, { intervalMs: 1 })),
    run: async (_target, _now, signal) => {
      const turn = limiter.acquire(signal);
      waiting = Math.max(waiting, limiter.waiting());
      await turn;
      took++;
      return { isBehind: false };
    },
    perSecond: limiter.perSecond,
    configuredPerSecond: limiter.configuredPerSecond,
    waiting: limiter.waiting,
    clock,
    signal: stopping.signal,
  });

  const ended = poller.loop();
  for (let ms = 0; ms < 1000; ms++) await clock.advance(1);
  stopping.abort();
  await Promise.all([ended, clock.advance(50)]);

  expect(took).toBeGreaterThanOrEqual(least);
  expect(took).toBeLessThanOrEqual(rate);
  expect(waiting).toBeGreaterThan(0);
  expect(waiting).toBeLessThanOrEqual(mostWaiting);
});

test('computes the effective interval from the rate and the number of targets', () => {
  const targets = Array.from({ length: 2000 }, (_, i) => named(`s${i}`));

  expect(setUpPoller({ targets }).poller.effectiveIntervalMs()).toBe(110_000);
  expect(setUpPoller({ targets: targets.slice(0, 10) }).poller.effectiveIntervalMs()).toBe(5000);
});

test.each([
  ['succeed', 1, 110_000],
  ['succeed', 3, 330_000],
  ['fail', 3, 330_000],
])(
  'computes the effective interval of runs that %s with %i requests each',
  async (outcome, calls, expectedMs) => {
    let taken = 0;
    const { poller, clock } = setUpPoller({
      targets: Array.from({ length: 50 }, (_, i) => named(`s${i}`)),
      perSecond: () => 0.5,
      taken: () => taken,
      run: async () => {
        taken += calls;
        if (outcome === 'fail') throw new ProviderError('unavailable', 'HTTP 504');
        return { isBehind: false };
      },
    });

    for (let round = 0; round < 40; round++) {
      await poller.start(clock.now());
      await clock.advance(5000);
    }

    expect(poller.effectiveIntervalMs() / expectedMs).toBeCloseTo(1, 2);
  },
);

test.each([1, 2])('makes progress at 36 requests an hour with %d requests per run', async (calls) => {
  const clock = createManualClock();
  const stopping = new AbortController();
  const limiter = createRateLimiter(0.01, clock);
  let ended = 0;
  const { poller } = setUpPoller({
    targets: [named('a'), named('b'), named('c')],
    run: async (_target, _now, signal) => {
      for (let call = 0; call < calls; call++) await limiter.acquire(signal);
      ended++;
      return { isBehind: false };
    },
    perSecond: limiter.perSecond,
    configuredPerSecond: limiter.configuredPerSecond,
    waiting: limiter.waiting,
    clock,
    signal: stopping.signal,
  });

  const loop = poller.loop();
  let stood = 0;
  for (let second = 0; second < 3600; second++) {
    await clock.advance(1000);
    if (!poller.state().isMakingProgress) stood++;
  }
  stopping.abort();
  await Promise.all([loop, clock.advance(1000)]);

  expect(ended).toBeGreaterThan(15);
  expect(stood).toBe(0);
});
