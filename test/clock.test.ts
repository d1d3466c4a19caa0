import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { systemClock } from '../src/clock.ts';

test('ends a sleep after its delay and leaves no listener', async () => {
  const stop = new AbortController();

  await systemClock.sleep(1, stop.signal);

  expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
});

test('rejects a sleep immediately on abort and clears its timer', async () => {
  const stop = new AbortController();
  const before = timers();
  const sleep = systemClock.sleep(86_400_000, stop.signal);
  const during = timers();

  stop.abort(new Error('stopping'));

  expect([during - before, timers() - before]).toEqual([1, 0]);
  await expect(sleep).rejects.toThrow('stopping');
  expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
});

test('starts no timer if the signal is already aborted', async () => {
  const before = timers();

  await expect(systemClock.sleep(86_400_000, AbortSignal.abort(new Error('stopping')))).rejects.toThrow(
    'stopping',
  );

  expect(timers()).toBe(before);
});

test('does not end a sleep early that exceeds the maximum timer delay', async () => {
  const stop = new AbortController();
  const sleep = systemClock.sleep(3_000_000_000, stop.signal).then(() => 'slept');
  const other = systemClock.sleep(5, stop.signal).then(() => 'other');

  await expect(Promise.race([sleep, other])).resolves.toBe('other');

  stop.abort(new Error('stopping'));
  await expect(sleep).rejects.toThrow('stopping');
});

test('resumes one task in each iteration of the event loop, in the order of their yields', async () => {
  let iteration = 0;
  let counter = setImmediate(function count() {
    iteration++;
    counter = setImmediate(count);
  });
  const yieldTwice = async () => {
    await systemClock.yieldNow();
    const first = iteration;
    await systemClock.yieldNow();
    return [first, iteration];
  };

  const resumed = await Promise.all([yieldTwice(), yieldTwice(), yieldTwice()]);

  clearImmediate(counter);
  expect(resumed).toEqual([
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
});

test('returns monotonic elapsed times', () => {
  const first = systemClock.elapsed();

  expect(systemClock.elapsed()).toBeGreaterThanOrEqual(first);
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
