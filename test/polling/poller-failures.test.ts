import { expect, test } from 'vitest';
import { ProviderError } from '../../src/model/answer.ts';
import { named, setUpPoller } from '../support/poller.ts';
import { inOneSlice } from '../support/slices.ts';

test('retries a failing target without delaying others', async () => {
  const { poller, ran, failures, clock, failing } = setUpPoller({ targets: [named('a'), named('b')] });
  failing.set('a', new ProviderError('unavailable', 'ListPushes: no answer within 10 s'));

  for (let i = 0; i < 4; i++) {
    await poller.start(clock.now());
    await clock.advance(2500);
  }

  expect(ran).toEqual(['a', 'b', 'a', 'b']);
  expect(failures).toEqual([
    { kind: 'unavailable', message: 'ListPushes: no answer within 10 s', stack: undefined },
    { kind: 'unavailable', message: 'ListPushes: no answer within 10 s', stack: undefined },
  ]);
  expect(poller.state()).toMatchObject({ targets: 2, failing: 1 });
});

test('backs off exponentially to once a minute after failures that are not retryable', async () => {
  const { poller, ran, clock, failing } = setUpPoller({ targets: [named('a')] });
  failing.set('a', new ProviderError('refused', 'ListPushes: cmd is invalid'));
  const at: number[] = [];

  for (let s = 0; s < 300; s++) {
    const before = ran.length;
    await poller.start(clock.now());
    if (ran.length > before) at.push(s);
    await clock.advance(1000);
  }

  expect(at).toEqual([0, 5, 15, 35, 75, 135, 195, 255]);
});

test('does not back off after an internal failure, because the target is not its cause', async () => {
  const { poller, ran, clock, failing } = setUpPoller({ targets: [named('a')] });
  failing.set('a', new ProviderError('internal', 'ListPushes: too many open files'));

  for (let s = 0; s < 60; s += 5) {
    await poller.start(clock.now());
    await clock.advance(5000);
  }

  expect(ran).toHaveLength(12);
});

test('treats a skipped run neither as success nor as failure', async () => {
  const ends = [
    Promise.reject(new ProviderError('unavailable', 'no answer')),
    { isBehind: false, wasSkipped: true as const },
  ];
  const reported: string[] = [];
  const { poller, clock } = setUpPoller({
    targets: [named('a')],
    run: async () => (await ends.shift()) ?? { isBehind: false },
    onSuccess: ({ key }) => reported.push(key),
  });
  const startNext = async () => {
    await poller.start(clock.now());
    await clock.advance(5000);
  };

  await startNext();
  await startNext();
  expect(poller.state()).toMatchObject({ failing: 1, lastSuccessAt: undefined });
  expect(reported).toEqual([]);

  await startNext();
  expect(poller.state()).toMatchObject({ failing: 0, lastSuccessAt: clock.now() - 5000 });
  expect(reported).toEqual(['a']);
});

test('obeys Retry-After of one target for at most a minute, and polls the others', async () => {
  const { poller, ran, clock, failing } = setUpPoller({ targets: [named('a'), named('b'), named('c')] });
  const unavailable = (retryAfterMs: number) =>
    new ProviderError('unavailable', 'ListPushes: HTTP 503', { retryAfterMs });
  failing.set('a', unavailable(20_000));
  failing.set('b', unavailable(3_600_000));

  const at: Record<string, number[]> = { a: [], b: [], c: [] };
  for (let s = 0; s < 70; s++) {
    const before = ran.length;
    await poller.start(clock.now());
    for (const key of ran.slice(before)) at[key]?.push(s);
    await clock.advance(1000);
  }

  expect(at.a).toEqual([0, 20, 40, 60]);
  expect(at.b).toEqual([2, 62]);
  expect(at.c).toHaveLength(14);
});

test('polls failing targets at once after a reset of the backoff', async () => {
  const { poller, ran, clock, failing } = setUpPoller({ targets: [named('a')] });
  failing.set('a', new ProviderError('auth', 'ListPushes: sign invalid'));
  const startEachSecond = async (seconds: number) => {
    const at: number[] = [];
    for (let s = 0; s < seconds; s++) {
      const before = ran.length;
      await poller.start(clock.now());
      if (ran.length > before) at.push(s);
      await clock.advance(1000);
    }
    return at;
  };
  expect(await startEachSecond(80)).toEqual([0, 5, 15, 35, 75]);

  await poller.resetBackoff(inOneSlice);

  // With its old queue entry it would run once more, at 55.
  expect(await startEachSecond(60)).toEqual([0, 5, 15, 35]);
  failing.clear();
  await poller.resetBackoff(inOneSlice);
  expect(await startEachSecond(61)).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60]);
});

test('resets the backoff also for a target whose run is in progress', async () => {
  const { poller, ran, clock, failing, hold } = setUpPoller({ targets: [named('a')] });
  failing.set('a', new ProviderError('auth', 'ListPushes: sign invalid'));
  for (let s = 0; s < 35; s++) {
    await poller.start(clock.now());
    await clock.advance(1000);
  }
  hold.running = Promise.withResolvers<void>();
  const underWay = poller.start(clock.now());
  expect(ran).toHaveLength(4);

  await poller.resetBackoff(inOneSlice);
  hold.running.resolve();
  await underWay;

  await clock.advance(5000);
  await poller.start(clock.now());
  expect(ran).toHaveLength(5);
});

test('reports an unexpected error as internal, with its stack', async () => {
  const { poller, failures, clock, failing } = setUpPoller({ targets: [named('a')] });
  failing.set('a', new TypeError('x is not a function'));

  await poller.start(clock.now());

  expect(failures[0]).toMatchObject({ kind: 'internal', message: 'x is not a function' });
  expect(failures[0]?.stack).toContain('TypeError');
});
