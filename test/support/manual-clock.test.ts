import { expect, test } from 'vitest';
import { createManualClock } from './manual-clock.ts';
import { noon } from './samples.ts';

const never = new AbortController().signal;

test('wakes sleepers in time order, each at its own time', async () => {
  const clock = createManualClock();
  const woken: (readonly [string, number])[] = [];
  const sleep = async (name: string, ms: number) => {
    await clock.sleep(ms, never);
    woken.push([name, clock.now() - noon]);
  };
  void sleep('late', 300);
  void sleep('early', 100);
  void sleep('later', 301);

  await clock.advance(300);

  expect(woken).toEqual([
    ['early', 100],
    ['late', 300],
  ]);
  expect(clock.elapsed()).toBe(300);
  expect(clock.sleepers()).toBe(1);
});

test('wakes a sleeper that sleeps again within one advance', async () => {
  const clock = createManualClock();
  const ticks: number[] = [];
  void (async () => {
    for (;;) {
      await clock.sleep(100, never);
      ticks.push(clock.elapsed());
    }
  })();

  await clock.advance(350);

  expect(ticks).toEqual([100, 200, 300]);
});

test('rejects an aborted sleep with the reason of the signal and removes it', async () => {
  const clock = createManualClock();
  const stop = new AbortController();
  const sleep = clock.sleep(100, stop.signal);

  stop.abort(new Error('stopped'));

  await expect(sleep).rejects.toThrow('stopped');
  await expect(clock.sleep(100, stop.signal)).rejects.toThrow('stopped');
  expect(clock.sleepers()).toBe(0);
});

test('sets the wall clock without waking sleepers or changing the elapsed time', async () => {
  const clock = createManualClock(1_000);
  const sleep = clock.sleep(100, never);

  clock.setNow(500_000);
  await clock.advance(99);

  expect([clock.now(), clock.elapsed(), clock.sleepers()]).toEqual([500_099, 99, 1]);
  await clock.advance(1);
  await sleep;
});
