import { expect, test } from 'vitest';
import { createLimiter } from '../../src/calls/limited.ts';
import { type CollectorParts, createCollector, type RunFailure } from '../../src/collectors/collector.ts';
import { ProviderError } from '../../src/model/answer.ts';
import { createManualClock } from '../support/manual-clock.ts';

interface Named {
  readonly key: string;
  readonly intervalMs: number;
  readonly isFirst: () => boolean;
}

test('targets are spread over the interval, those expected live first', async () => {
  const { collector, ran, clock } = createParts({
    targets: [named('a'), named('b', { isFirst: () => true }), named('c'), named('d')],
  });

  for (let i = 0; i < 4; i++) {
    await collector.start(clock.now());
    await clock.advance(1250);
  }

  expect(ran).toEqual(['b', 'a', 'c', 'd']);
});

test('each target runs once an interval, and never twice at once', async () => {
  const { collector, ran, clock, hold } = createParts({ targets: [named('a')] });
  hold.running = Promise.withResolvers<void>();

  void collector.start(clock.now());
  await clock.advance(20_000);
  await collector.start(clock.now());
  expect(ran).toEqual(['a']);

  hold.running.resolve();
  await clock.advance(0);
  await collector.start(clock.now());
  expect(ran).toEqual(['a', 'a']);
  await clock.advance(4999);
  await collector.start(clock.now());
  expect(ran).toHaveLength(2);
  await clock.advance(1);
  await collector.start(clock.now());
  expect(ran).toHaveLength(3);
});

test('a target that is behind has its next turn at once, after those that waited longer', async () => {
  const { collector, ran, clock, behind } = createParts({ targets: [named('a'), named('b')] });
  behind.add('a');

  await collector.start(clock.now());
  await clock.advance(2500);
  await collector.start(clock.now());

  expect(ran).toEqual(['a', 'a', 'b']);
});

test('one sick target silences nothing else, and is asked again', async () => {
  const { collector, ran, failures, clock, sick } = createParts({ targets: [named('a'), named('b')] });
  sick.set('a', new ProviderError('unavailable', 'ListPushes: no answer within 10 s'));

  for (let i = 0; i < 4; i++) {
    await collector.start(clock.now());
    await clock.advance(2500);
  }

  expect(ran).toEqual(['a', 'b', 'a', 'b']);
  expect(failures).toEqual([
    { kind: 'unavailable', message: 'ListPushes: no answer within 10 s', stack: undefined },
    { kind: 'unavailable', message: 'ListPushes: no answer within 10 s', stack: undefined },
  ]);
  expect(collector.state()).toMatchObject({ targets: 2, failing: 1 });
});

test('what asking again will not mend is asked less and less, once a minute at least', async () => {
  const { collector, ran, clock, sick } = createParts({ targets: [named('a')] });
  sick.set('a', new ProviderError('refused', 'ListPushes: cmd is invalid'));
  const at: number[] = [];

  for (let s = 0; s < 300; s++) {
    const before = ran.length;
    await collector.start(clock.now());
    if (ran.length > before) at.push(s);
    await clock.advance(1000);
  }

  expect(at).toEqual([0, 5, 15, 35, 75, 135, 195, 255]);
});

test('a run that had nothing to ask is no success: the target stays failing, and the last answer stays the last', async () => {
  const ends = [
    Promise.reject(new ProviderError('unavailable', 'no answer')),
    { behind: false, isUnasked: true as const },
  ];
  const told: string[] = [];
  const { collector, clock } = createParts({
    targets: [named('a')],
    run: async () => (await ends.shift()) ?? { behind: false },
    onSuccess: ({ key }) => told.push(key),
  });
  const startNext = async () => {
    await collector.start(clock.now());
    await clock.advance(5000);
  };

  await startNext();
  await startNext();
  expect(collector.state()).toMatchObject({ failing: 1, lastSuccessAt: undefined });
  expect(told).toEqual([]);

  await startNext();
  expect(collector.state()).toMatchObject({ failing: 0, lastSuccessAt: clock.now() - 5000 });
  expect(told).toEqual(['a']);
});

test('a target whose provider asked us to wait is left alone for so long, up to a minute, and the others are not', async () => {
  const { collector, ran, clock, sick } = createParts({ targets: [named('a'), named('b'), named('c')] });
  const unavailable = (retryAfterMs: number) =>
    new ProviderError('unavailable', 'ListPushes: HTTP 503', { retryAfterMs });
  sick.set('a', unavailable(20_000));
  sick.set('b', unavailable(3_600_000));

  const at: Record<string, number[]> = { a: [], b: [], c: [] };
  for (let s = 0; s < 70; s++) {
    const before = ran.length;
    await collector.start(clock.now());
    for (const key of ran.slice(before)) at[key]?.push(s);
    await clock.advance(1000);
  }

  expect(at.a).toEqual([0, 20, 40, 60]);
  expect(at.b).toEqual([2, 62]);
  expect(at.c).toHaveLength(14);
});

test('what was refused is asked at once when its account was mended, and not backed off as before', async () => {
  const { collector, ran, clock, sick } = createParts({ targets: [named('a')] });
  sick.set('a', new ProviderError('auth', 'ListPushes: sign invalid'));
  const startEachSecond = async (seconds: number) => {
    const at: number[] = [];
    for (let s = 0; s < seconds; s++) {
      const before = ran.length;
      await collector.start(clock.now());
      if (ran.length > before) at.push(s);
      await clock.advance(1000);
    }
    return at;
  };
  expect(await startEachSecond(80)).toEqual([0, 5, 15, 35, 75]);

  collector.retryFailing();

  // In the place that it had before it would be asked once more, at 55.
  expect(await startEachSecond(60)).toEqual([0, 5, 15, 35]);
  sick.clear();
  collector.retryFailing();
  expect(await startEachSecond(61)).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60]);
});

test('a mended account is tried at once also by the target that fails just then', async () => {
  const { collector, ran, clock, sick, hold } = createParts({ targets: [named('a')] });
  sick.set('a', new ProviderError('auth', 'ListPushes: sign invalid'));
  for (let s = 0; s < 35; s++) {
    await collector.start(clock.now());
    await clock.advance(1000);
  }
  hold.running = Promise.withResolvers<void>();
  const underWay = collector.start(clock.now());
  expect(ran).toHaveLength(4);

  collector.retryFailing();
  hold.running.resolve();
  await underWay;

  await clock.advance(5000);
  await collector.start(clock.now());
  expect(ran).toHaveLength(5);
});

test('a shorter interval holds from the last run on, a longer one from the next', async () => {
  const { collector, ran, clock } = createParts({ targets: [named('a', { intervalMs: 600_000 })] });
  await collector.start(clock.now());
  await clock.advance(7000);

  collector.setTargets([named('a', { intervalMs: 10_000 })]);

  const at: number[] = [];
  const startEachSecond = async (from: number, to: number) => {
    for (let s = from; s < to; s++) {
      const before = ran.length;
      await collector.start(clock.now());
      if (ran.length > before) at.push(s);
      await clock.advance(1000);
    }
  };
  await startEachSecond(7, 35);
  collector.setTargets([named('a', { intervalMs: 20_000 })]);
  await startEachSecond(35, 70);
  expect(at).toEqual([10, 20, 30, 40, 60]);
});

test('when the budget is short those expected live come first, and the others are not starved', async () => {
  let isDay = true;
  const day = Array.from({ length: 50 }, (_, i) => named(`day${i}`, { isFirst: () => isDay }));
  const night = Array.from({ length: 50 }, (_, i) => named(`night${i}`, { isFirst: () => !isDay }));
  let room = 0;
  const { collector, ran, clock } = createParts({
    targets: [...day, ...night],
    perSecond: () => 5,
    // Five calls a second and no more: twenty seconds are a round.
    waiting: () => (room-- > 0 ? 0 : 100),
  });
  const startEachSecond = async (seconds: number) => {
    const before = ran.length;
    for (let s = 0; s < seconds; s++) {
      room = 5;
      await collector.start(clock.now());
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

test('an error that no provider gave is a bug of ours, and brings its stack', async () => {
  const { collector, failures, clock, sick } = createParts({ targets: [named('a')] });
  sick.set('a', new TypeError('x is not a function'));

  await collector.start(clock.now());

  expect(failures[0]).toMatchObject({ kind: 'internal', message: 'x is not a function' });
  expect(failures[0]?.stack).toContain('TypeError');
});

test('other targets take their turns at once: those that stay keep theirs, those that are gone get none', async () => {
  const { collector, ran, clock } = createParts({ targets: [named('stays'), named('goes')] });
  await collector.start(clock.now());
  await clock.advance(2000);

  collector.setTargets([named('stays'), named('comes')]);

  for (let i = 0; i < 8; i++) {
    await collector.start(clock.now());
    await clock.advance(1000);
  }
  // 0 s stays; 2 s comes; 5 s stays; 7 s comes.
  expect(ran).toEqual(['stays', 'comes', 'stays', 'comes']);
  expect(collector.state().targets).toBe(2);
});

test("a wall clock that is set back takes nobody's turn away", async () => {
  const { collector, ran, clock } = createParts({ targets: [named('a')] });
  await collector.start(clock.now());

  clock.setNow(clock.now() - 3_600_000);
  await clock.advance(5000);
  await collector.start(clock.now());

  expect(ran).toEqual(['a', 'a']);
});

test('a target that goes while it runs and comes back never runs twice at once, and once an interval', async () => {
  const { collector, ran, clock, hold } = createParts({ targets: [named('a')] });
  hold.running = Promise.withResolvers<void>();
  void collector.start(clock.now());

  collector.setTargets([]);
  collector.setTargets([named('a')]);
  await clock.advance(1000);
  void collector.start(clock.now());
  expect(ran).toEqual(['a']);
  hold.running.resolve();
  await clock.advance(0);
  for (let i = 1; i < 11; i++) {
    await collector.start(clock.now());
    await clock.advance(1000);
  }

  expect(ran).toEqual(['a', 'a', 'a']);
});

test('a failing target that goes is no longer counted as failing', async () => {
  const { collector, clock, sick } = createParts({ targets: [named('a')] });
  sick.set('a', new ProviderError('refused', 'ListPushes: cmd is invalid'));
  await collector.start(clock.now());
  expect(collector.state().failing).toBe(1);

  collector.setTargets([]);

  expect(collector.state().failing).toBe(0);
});

test('no run is started while calls wait for the budget', async () => {
  const { collector, ran, clock } = createParts({ targets: [named('a')], waiting: () => 2 });

  await collector.start(clock.now());

  expect(ran).toEqual([]);
});

test.each([
  [20, 18, 2],
  [200, 181, 8],
  [1000, 900, 10],
])(
  'at %d calls a second no turn is missed, and few runs wait for theirs',
  async (rate, least, mostWaiting) => {
    const clock = createManualClock();
    const stopping = new AbortController();
    const limiter = createLimiter(rate, clock);
    let took = 0;
    let waiting = 0;
    const { collector } = createParts({
      targets: Array.from({ length: 5 * rate }, (_, i) => named(`s${i}`, { intervalMs: 1 })),
      run: async (_target, _now, signal) => {
        const turn = limiter.turn(signal);
        waiting = Math.max(waiting, limiter.waiting());
        await turn;
        took++;
        return { behind: false };
      },
      perSecond: limiter.perSecond,
      configuredPerSecond: limiter.configuredPerSecond,
      waiting: limiter.waiting,
      clock,
      signal: stopping.signal,
    });

    const ended = collector.loop();
    for (let ms = 0; ms < 1000; ms++) await clock.advance(1);
    stopping.abort();
    await Promise.all([ended, clock.advance(50)]);

    expect(took).toBeGreaterThanOrEqual(least);
    expect(took).toBeLessThanOrEqual(rate);
    expect(waiting).toBeGreaterThan(0);
    expect(waiting).toBeLessThanOrEqual(mostWaiting);
  },
);

test('a shorter interval that comes during a run counts from its begin', async () => {
  const hour = 3_600_000;
  const { collector, ran, clock, hold } = createParts({ targets: [named('a', { intervalMs: hour })] });
  hold.running = Promise.withResolvers<void>();
  void collector.start(clock.now());
  await clock.advance(1000);

  collector.setTargets([named('a')]);
  hold.running.resolve();
  await clock.advance(3999);
  await collector.start(clock.now());
  expect(ran).toEqual(['a']);
  await clock.advance(1);
  await collector.start(clock.now());
  expect(ran).toEqual(['a', 'a']);
});

test('a round takes as long as the budget needs for all targets', () => {
  const targets = Array.from({ length: 2000 }, (_, i) => named(`s${i}`));

  expect(createParts({ targets }).collector.roundMs()).toBe(110_000);
  expect(createParts({ targets: targets.slice(0, 10) }).collector.roundMs()).toBe(5000);
});

test('the loop is not turning when no run ended for a minute', async () => {
  const { collector, clock, hold } = createParts({ targets: [named('a')] });
  hold.running = Promise.withResolvers<void>();
  void collector.start(clock.now());

  await clock.advance(60_000);
  expect(collector.state().turning).toBe(true);
  await clock.advance(1);
  expect(collector.state().turning).toBe(false);
});

test('the loop ends when it is told to, after the runs under way, and that is no failure', async () => {
  const stop = new AbortController();
  const { collector, clock, ran, failures, hold } = createParts({
    targets: [named('a')],
    signal: stop.signal,
  });
  hold.running = Promise.withResolvers<void>();
  const events: string[] = [];
  const looping = collector.loop().then(() => events.push('loop ended'));
  await clock.advance(100);

  stop.abort(new Error('stopped'));
  await clock.advance(0);
  expect(events).toEqual([]);
  hold.running.reject(stop.signal.reason);
  await looping;

  expect(ran).toEqual(['a']);
  expect(failures).toEqual([]);
});

function named(key: string, part: Partial<Named> = {}): Named {
  return { key, intervalMs: 5000, isFirst: () => false, ...part };
}

function createParts({
  targets = [],
  ...parts
}: Partial<CollectorParts<Named>> & { readonly targets?: readonly Named[] }) {
  const clock = createManualClock();
  const ran: string[] = [];
  const failures: RunFailure[] = [];
  const behind = new Set<string>();
  const sick = new Map<string, Error>();
  const hold: { running: PromiseWithResolvers<void> | undefined } = { running: undefined };
  const collector = createCollector<Named>({
    run: async ({ key }) => {
      ran.push(key);
      await hold.running?.promise;
      const error = sick.get(key);
      if (error !== undefined) throw error;
      return { behind: behind.delete(key) };
    },
    isFirst: (target) => target.isFirst(),
    onSuccess: () => {},
    onFailure: (_, failure) => failures.push(failure),
    perSecond: () => 20,
    configuredPerSecond: () => 20,
    waiting: () => 0,
    runDeadlineMs: 30_000,
    clock,
    signal: new AbortController().signal,
    ...parts,
  });
  collector.setTargets(targets);
  return { collector, clock, ran, failures, behind, sick, hold };
}
