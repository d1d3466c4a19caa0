import { expect, test } from 'vitest';
import { ProviderError } from '../../src/model/answer.ts';
import { named, setUpPoller } from '../support/poller.ts';

test('applies a shorter interval from the last run on, a longer one from the next', async () => {
  const { poller, setTargets, ran, clock } = setUpPoller({ targets: [named('a', { intervalMs: 600_000 })] });
  await poller.start(clock.now());
  await clock.advance(7000);

  setTargets([named('a', { intervalMs: 10_000 })]);

  const at: number[] = [];
  const startEachSecond = async (from: number, to: number) => {
    for (let s = from; s < to; s++) {
      const before = ran.length;
      await poller.start(clock.now());
      if (ran.length > before) at.push(s);
      await clock.advance(1000);
    }
  };
  await startEachSecond(7, 35);
  setTargets([named('a', { intervalMs: 20_000 })]);
  await startEachSecond(35, 70);
  expect(at).toEqual([10, 20, 30, 40, 60]);
});

test('applies a shorter interval from the start of a run in progress', async () => {
  const hour = 3_600_000;
  const { poller, setTargets, ran, clock, hold } = setUpPoller({
    targets: [named('a', { intervalMs: hour })],
  });
  hold.running = Promise.withResolvers<void>();
  void poller.start(clock.now());
  await clock.advance(1000);

  setTargets([named('a')]);
  hold.running.resolve();
  await clock.advance(3999);
  await poller.start(clock.now());
  expect(ran).toEqual(['a']);
  await clock.advance(1);
  await poller.start(clock.now());
  expect(ran).toEqual(['a', 'a']);
});

test.each([
  ['an outage', new ProviderError('unavailable', 'ListPushes: no answer'), 40],
  ['a refusal', new ProviderError('refused', 'ListPushes: cmd is invalid'), 40],
  ['a Retry-After', new ProviderError('throttled', 'ListPushes: wait', { retryAfterMs: 55_000 }), 55],
])('applies a shorter interval to a target that fails by %s', async (_, error, secondOfNext) => {
  const hour = 3_600_000;
  const { poller, setTargets, ran, clock, failing } = setUpPoller({
    targets: [named('a', { intervalMs: hour })],
  });
  failing.set('a', error);
  await poller.start(clock.now());
  await clock.advance(15_000);
  await poller.start(clock.now());

  setTargets([named('a', { intervalMs: 40_000 })]);
  failing.clear();
  const startUntil = async (second: number) => {
    while (clock.elapsed() < second * 1000) {
      await poller.start(clock.now());
      await clock.advance(1000);
    }
  };
  await startUntil(secondOfNext);
  expect(ran).toEqual(['a']);
  await startUntil(secondOfNext + 1);
  expect(ran).toEqual(['a', 'a']);
});

test('backs off by the new interval', async () => {
  const { poller, setTargets, ran, clock, failing } = setUpPoller({
    targets: [named('a', { intervalMs: 30_000 })],
  });
  failing.set('a', new ProviderError('refused', 'ListPushes: cmd is invalid'));
  const at: number[] = [];
  const startUntil = async (second: number) => {
    for (; clock.elapsed() < second * 1000; await clock.advance(1000)) {
      const before = ran.length;
      await poller.start(clock.now());
      if (ran.length > before) at.push(clock.elapsed() / 1000);
    }
  };

  await startUntil(35);
  setTargets([named('a', { intervalMs: 10_000 })]);
  await startUntil(100);

  // Twice refused: two of the new intervals, and then four.
  expect(at).toEqual([0, 30, 50, 90]);
});

test('keeps due times of unchanged targets, starts new ones and drops removed ones', async () => {
  const { poller, setTargets, ran, clock } = setUpPoller({ targets: [named('stays'), named('goes')] });
  await poller.start(clock.now());
  await clock.advance(2000);

  setTargets([named('stays'), named('comes')]);

  for (let i = 0; i < 8; i++) {
    await poller.start(clock.now());
    await clock.advance(1000);
  }
  // 0 s stays; 2 s comes; 5 s stays; 7 s comes.
  expect(ran).toEqual(['stays', 'comes', 'stays', 'comes']);
  expect(poller.state().targets).toBe(2);
});

test('never overlaps runs of a target removed and added during its run', async () => {
  const { poller, setTargets, ran, clock, hold } = setUpPoller({ targets: [named('a')] });
  hold.running = Promise.withResolvers<void>();
  void poller.start(clock.now());

  setTargets([]);
  setTargets([named('a')]);
  await clock.advance(1000);
  void poller.start(clock.now());
  expect(ran).toEqual(['a']);
  hold.running.resolve();
  await clock.advance(0);
  for (let i = 1; i < 11; i++) {
    await poller.start(clock.now());
    await clock.advance(1000);
  }

  expect(ran).toEqual(['a', 'a', 'a']);
});

test('does not count a removed target as failing', async () => {
  const { poller, setTargets, clock, failing } = setUpPoller({ targets: [named('a')] });
  failing.set('a', new ProviderError('refused', 'ListPushes: cmd is invalid'));
  await poller.start(clock.now());
  expect(poller.state().failing).toBe(1);

  setTargets([]);

  expect(poller.state().failing).toBe(0);
});
