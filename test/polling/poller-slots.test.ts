import { expect, test } from 'vitest';
import { createRunSlots } from '../../src/polling/run-slots.ts';
import { named, setUpPoller } from '../support/poller.ts';

const targets = Array.from({ length: 20 }, (_, i) => named(`${i}`, { intervalMs: 1 }));

test('starts no more runs than the shared slots allow, and the others once runs have ended', async () => {
  const runSlots = createRunSlots(8);
  const hung = setUpPoller({ targets, runSlots });
  const healthy = setUpPoller({ targets, runSlots });
  hung.hold.running = Promise.withResolvers();
  await Promise.all([hung, healthy].map(({ clock }) => clock.advance(1000)));

  const held = hung.poller.start(hung.clock.now());
  expect(hung.ran).toHaveLength(6);

  // The other poller still has its share, and its runs end.
  for (let i = 0; i < 10; i++) await healthy.poller.start(healthy.clock.now());
  expect(healthy.ran).toHaveLength(20);

  hung.hold.running.resolve();
  await held;
  hung.hold.running = undefined;
  await hung.poller.start(hung.clock.now());
  expect(hung.ran).toHaveLength(12);
});

test('returns the share of a poller that was aborted', async () => {
  const runSlots = createRunSlots(8);
  const stop = new AbortController();
  setUpPoller({ targets, runSlots, signal: stop.signal });
  const { poller, clock, ran } = setUpPoller({ targets, runSlots });
  await clock.advance(1000);

  stop.abort();
  await poller.start(clock.now());

  expect(ran).toHaveLength(8);
});
