import { expect, test } from 'vitest';
import { createSlices } from '../../src/model/slices.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { named, setUpPoller } from '../support/poller.ts';

test('spreads first runs over the interval, targets with priority first', async () => {
  const { poller, ran, clock } = setUpPoller({
    targets: [named('a'), named('b', { hasPriority: () => true }), named('c'), named('d')],
  });

  for (let i = 0; i < 4; i++) {
    await poller.start(clock.now());
    await clock.advance(1250);
  }

  expect(ran).toEqual(['b', 'a', 'c', 'd']);
});

test('runs each target once per interval without overlap', async () => {
  const { poller, ran, clock, hold } = setUpPoller({ targets: [named('a')] });
  hold.running = Promise.withResolvers<void>();

  void poller.start(clock.now());
  await clock.advance(20_000);
  await poller.start(clock.now());
  expect(ran).toEqual(['a']);

  hold.running.resolve();
  await clock.advance(0);
  await poller.start(clock.now());
  expect(ran).toEqual(['a', 'a']);
  await clock.advance(4999);
  await poller.start(clock.now());
  expect(ran).toHaveLength(2);
  await clock.advance(1);
  await poller.start(clock.now());
  expect(ran).toHaveLength(3);
});

test('polls a target that is behind again at once, after targets due longer', async () => {
  const { poller, ran, clock, lagging } = setUpPoller({ targets: [named('a'), named('b')] });
  lagging.add('a');

  await poller.start(clock.now());
  await clock.advance(2500);
  await poller.start(clock.now());

  expect(ran).toEqual(['a', 'a', 'b']);
});

test('ignores a wall clock that is set back', async () => {
  const { poller, ran, clock } = setUpPoller({ targets: [named('a')] });
  await poller.start(clock.now());

  clock.setNow(clock.now() - 3_600_000);
  await clock.advance(5000);
  await poller.start(clock.now());

  expect(ran).toEqual(['a', 'a']);
});

test('reports no progress if no run completes for a minute', async () => {
  const { poller, clock, hold } = setUpPoller({ targets: [named('a')] });
  hold.running = Promise.withResolvers<void>();
  void poller.start(clock.now());

  await clock.advance(60_000);
  expect(poller.state().isMakingProgress).toBe(true);
  await clock.advance(1);
  expect(poller.state().isMakingProgress).toBe(false);
});

test('ends the loop after an abort and its runs, without a failure', async () => {
  const stop = new AbortController();
  const { poller, clock, ran, failures, hold } = setUpPoller({
    targets: [named('a')],
    signal: stop.signal,
  });
  hold.running = Promise.withResolvers<void>();
  const events: string[] = [];
  const looping = poller.loop().then(() => events.push('loop ended'));
  await clock.advance(100);

  stop.abort(new Error('stopped'));
  await clock.advance(0);
  expect(events).toEqual([]);
  hold.running.reject(stop.signal.reason);
  await looping;

  expect(ran).toEqual(['a']);
  expect(failures).toEqual([]);
});

test('sleeps until the next due time while idle, and wakes for an added target', async () => {
  const stop = new AbortController();
  const clock = createManualClock();
  let sleeps = 0;
  const counting = {
    ...clock,
    sleep(ms: number, signal: AbortSignal) {
      sleeps++;
      return clock.sleep(ms, signal);
    },
  };
  const { poller, ran } = setUpPoller({
    targets: [named('a', { intervalMs: 3_600_000 })],
    clock: counting,
    signal: stop.signal,
  });

  const ended = poller.loop();
  await clock.advance(3_599_000);
  // The pause after the first run, and the sleep until the second.
  expect([ran.length, sleeps]).toEqual([1, 2]);
  poller.add([named('b')]);
  await clock.advance(0);
  expect(ran).toEqual(['a', 'b']);

  stop.abort();
  await ended;
});

test('adds many targets in slices, and spreads them like targets that are added at once', async () => {
  const many = Array.from({ length: 100 }, (_, i) => named(`t${i}`, { hasPriority: () => i % 10 === 9 }));
  let reads = 0;
  let yields = 0;
  const inSlices = createSlices({
    sliceMs: 2,
    elapsed: () => reads++,
    yieldNow: async () => void yields++,
  });
  const atOnce = setUpPoller({ targets: many });
  const sliced = setUpPoller({ targets: [] });

  await sliced.poller.addInSlices(many, inSlices);

  expect(yields).toBeGreaterThan(3);
  for (const { poller, clock } of [atOnce, sliced]) {
    for (let second = 0; second < 5; second++) {
      await poller.start(clock.now());
      await clock.advance(1000);
    }
  }
  expect(atOnce.ran.slice(0, 10)).toEqual(many.filter((_, i) => i % 10 === 9).map(({ key }) => key));
  expect(sliced.ran).toEqual(atOnce.ran);
});

test('polls an expedited target at once, with its new priority before targets due longer', async () => {
  let isUrgent = false;
  const { poller, ran, clock } = setUpPoller({
    targets: [named('a', { hasPriority: () => isUrgent }), named('b'), named('c')],
  });
  await poller.start(clock.now());
  await clock.advance(5_000);
  await poller.start(clock.now());
  // Nothing is polled for a while, so that all targets are due.
  await clock.advance(7_000);
  expect(ran).toEqual(['a', 'b', 'c', 'a']);
  isUrgent = true;

  poller.expedite('a');
  poller.expedite('unknown');
  await poller.start(clock.now());

  expect(ran.slice(4)).toEqual(['a', 'b', 'c']);
  poller.expedite('c');
  await poller.start(clock.now());
  expect(ran.slice(7)).toEqual(['c']);
});

test('does not expedite a target that waits after failures, or during its run', async () => {
  const { poller, ran, clock, failing, hold } = setUpPoller({ targets: [named('a')] });
  failing.set('a', new Error('bug'));
  await poller.start(clock.now());
  poller.expedite('a');
  await poller.start(clock.now());
  expect(ran).toEqual(['a']);

  failing.clear();
  await clock.advance(60_000);
  hold.running = Promise.withResolvers<void>();
  void poller.start(clock.now());
  poller.expedite('a');
  void poller.start(clock.now());
  expect(ran).toEqual(['a', 'a']);
  hold.running.resolve();
});

test('forgets the last success when there is no target', async () => {
  const { poller, setTargets, clock } = setUpPoller({ targets: [named('a')] });
  await poller.start(clock.now());
  expect(poller.state().lastSuccessAt).toBe(clock.now());

  setTargets([]);

  expect(poller.state().lastSuccessAt).toBeUndefined();
});
