import { expect, test } from 'vitest';
import { createRunSlots, maxRunsOf, type PollerSlots } from '../../src/polling/run-slots.ts';

/** Acquires up to `wanted` slots and returns how many it got. */
function acquire(slots: PollerSlots, wanted: number): number {
  let count = 0;
  while (count < wanted && slots.acquire()) count++;
  return count;
}

test.each([
  [undefined, 256],
  [1_048_576, 256],
  [1024, 248],
  [256, 56],
  [64, 8],
  [16, 1],
])('leaves three quarters of %j open files to the rest of the process: at most %d runs', (files, runs) => {
  expect(maxRunsOf(files)).toBe(runs);
});

test('gives a single poller all slots', () => {
  const poller = createRunSlots(256).join();

  expect(acquire(poller, 1000)).toBe(256);
  poller.release();
  expect(acquire(poller, 1000)).toBe(1);
});

test('keeps the share of each poller free from all others', () => {
  const runSlots = createRunSlots(240);
  const [hung, alsoHung, healthy] = [runSlots.join(), runSlots.join(), runSlots.join()];

  // Half of the slots, and a share of a third of the other half.
  expect(acquire(hung, 1000)).toBe(120 + 40);
  expect(acquire(alsoHung, 1000)).toBe(40);
  expect(acquire(healthy, 1000)).toBe(40);
});

test('gives each poller a slot, even if there are more pollers than slots', () => {
  const runSlots = createRunSlots(4);
  const pollers = Array.from({ length: 10 }, () => runSlots.join());

  expect(pollers.map((poller) => acquire(poller, 1000))).toEqual(Array(10).fill(1));
});

test('divides the share of a poller that left, and the slots that it holds once they are released', () => {
  const runSlots = createRunSlots(8);
  const [removed, other] = [runSlots.join(), runSlots.join()];
  expect(acquire(removed, 2)).toBe(2);

  removed.leave();
  expect(acquire(other, 1000)).toBe(6);

  for (let i = 0; i < 2; i++) removed.release();
  expect(acquire(other, 1000)).toBe(2);
});
