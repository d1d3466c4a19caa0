import { expect, test } from 'vitest';
import { named, setUpPoller } from '../support/poller.ts';

test('targets are spread over the interval, those expected live first', async () => {
  const { collector, ran, clock } = setUpPoller({
    targets: [named('a'), named('b', { isFirst: () => true }), named('c'), named('d')],
  });

  for (let i = 0; i < 4; i++) {
    await collector.start(clock.now());
    await clock.advance(1250);
  }

  expect(ran).toEqual(['b', 'a', 'c', 'd']);
});

test('each target runs once an interval, and never twice at once', async () => {
  const { collector, ran, clock, hold } = setUpPoller({ targets: [named('a')] });
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
  const { collector, ran, clock, behind } = setUpPoller({ targets: [named('a'), named('b')] });
  behind.add('a');

  await collector.start(clock.now());
  await clock.advance(2500);
  await collector.start(clock.now());

  expect(ran).toEqual(['a', 'a', 'b']);
});

test("a wall clock that is set back takes nobody's turn away", async () => {
  const { collector, ran, clock } = setUpPoller({ targets: [named('a')] });
  await collector.start(clock.now());

  clock.setNow(clock.now() - 3_600_000);
  await clock.advance(5000);
  await collector.start(clock.now());

  expect(ran).toEqual(['a', 'a']);
});

test('the loop is not turning when no run ended for a minute', async () => {
  const { collector, clock, hold } = setUpPoller({ targets: [named('a')] });
  hold.running = Promise.withResolvers<void>();
  void collector.start(clock.now());

  await clock.advance(60_000);
  expect(collector.state().isMakingProgress).toBe(true);
  await clock.advance(1);
  expect(collector.state().isMakingProgress).toBe(false);
});

test('the loop ends when it is told to, after the runs under way, and that is no failure', async () => {
  const stop = new AbortController();
  const { collector, clock, ran, failures, hold } = setUpPoller({
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
