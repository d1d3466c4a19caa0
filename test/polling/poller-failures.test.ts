import { expect, test } from 'vitest';
import { ProviderError } from '../../src/model/answer.ts';
import { named, setUpPoller } from '../support/poller.ts';

test('one sick target silences nothing else, and is asked again', async () => {
  const { poller, ran, failures, clock, sick } = setUpPoller({ targets: [named('a'), named('b')] });
  sick.set('a', new ProviderError('unavailable', 'ListPushes: no answer within 10 s'));

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

test('what asking again will not mend is asked less and less, once a minute at least', async () => {
  const { poller, ran, clock, sick } = setUpPoller({ targets: [named('a')] });
  sick.set('a', new ProviderError('refused', 'ListPushes: cmd is invalid'));
  const at: number[] = [];

  for (let s = 0; s < 300; s++) {
    const before = ran.length;
    await poller.start(clock.now());
    if (ran.length > before) at.push(s);
    await clock.advance(1000);
  }

  expect(at).toEqual([0, 5, 15, 35, 75, 135, 195, 255]);
});

test('a run that had nothing to ask is no success: the target stays failing, and the last answer stays the last', async () => {
  const ends = [
    Promise.reject(new ProviderError('unavailable', 'no answer')),
    { isBehind: false, wasSkipped: true as const },
  ];
  const told: string[] = [];
  const { poller, clock } = setUpPoller({
    targets: [named('a')],
    run: async () => (await ends.shift()) ?? { isBehind: false },
    onSuccess: ({ key }) => told.push(key),
  });
  const startNext = async () => {
    await poller.start(clock.now());
    await clock.advance(5000);
  };

  await startNext();
  await startNext();
  expect(poller.state()).toMatchObject({ failing: 1, lastSuccessAt: undefined });
  expect(told).toEqual([]);

  await startNext();
  expect(poller.state()).toMatchObject({ failing: 0, lastSuccessAt: clock.now() - 5000 });
  expect(told).toEqual(['a']);
});

test('a target whose provider asked us to wait is left alone for so long, up to a minute, and the others are not', async () => {
  const { poller, ran, clock, sick } = setUpPoller({ targets: [named('a'), named('b'), named('c')] });
  const unavailable = (retryAfterMs: number) =>
    new ProviderError('unavailable', 'ListPushes: HTTP 503', { retryAfterMs });
  sick.set('a', unavailable(20_000));
  sick.set('b', unavailable(3_600_000));

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

test('what was refused is asked at once when its account was mended, and not backed off as before', async () => {
  const { poller, ran, clock, sick } = setUpPoller({ targets: [named('a')] });
  sick.set('a', new ProviderError('auth', 'ListPushes: sign invalid'));
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

  poller.resetBackoff();

  // In the place that it had before it would be asked once more, at 55.
  expect(await startEachSecond(60)).toEqual([0, 5, 15, 35]);
  sick.clear();
  poller.resetBackoff();
  expect(await startEachSecond(61)).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60]);
});

test('a mended account is tried at once also by the target that fails just then', async () => {
  const { poller, ran, clock, sick, hold } = setUpPoller({ targets: [named('a')] });
  sick.set('a', new ProviderError('auth', 'ListPushes: sign invalid'));
  for (let s = 0; s < 35; s++) {
    await poller.start(clock.now());
    await clock.advance(1000);
  }
  hold.running = Promise.withResolvers<void>();
  const underWay = poller.start(clock.now());
  expect(ran).toHaveLength(4);

  poller.resetBackoff();
  hold.running.resolve();
  await underWay;

  await clock.advance(5000);
  await poller.start(clock.now());
  expect(ran).toHaveLength(5);
});

test('an error that no provider gave is a bug of ours, and brings its stack', async () => {
  const { poller, failures, clock, sick } = setUpPoller({ targets: [named('a')] });
  sick.set('a', new TypeError('x is not a function'));

  await poller.start(clock.now());

  expect(failures[0]).toMatchObject({ kind: 'internal', message: 'x is not a function' });
  expect(failures[0]?.stack).toContain('TypeError');
});
