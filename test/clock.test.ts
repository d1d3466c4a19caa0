import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { systemClock } from '../src/clock.ts';

test('a sleep ends by itself and leaves nobody listening', async () => {
  const stop = new AbortController();

  await systemClock.sleep(1, stop.signal);

  expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
});

test('an abort ends a sleep at once with its reason, and its timer with it', async () => {
  const stop = new AbortController();
  const before = timers();
  const sleep = systemClock.sleep(86_400_000, stop.signal);
  const during = timers();

  stop.abort(new Error('enough'));

  expect([during - before, timers() - before]).toEqual([1, 0]);
  await expect(sleep).rejects.toThrow('enough');
  expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
});

test('a sleep under an aborted signal does not begin', async () => {
  const before = timers();

  await expect(systemClock.sleep(86_400_000, AbortSignal.abort(new Error('enough')))).rejects.toThrow(
    'enough',
  );

  expect(timers()).toBe(before);
});

test('a sleep longer than a timer can be does not end at once', async () => {
  const stop = new AbortController();
  const sleep = systemClock.sleep(3_000_000_000, stop.signal).then(() => 'slept');
  const other = systemClock.sleep(5, stop.signal).then(() => 'other');

  await expect(Promise.race([sleep, other])).resolves.toBe('other');

  stop.abort(new Error('enough'));
  await expect(sleep).rejects.toThrow('enough');
});

test('what has elapsed only grows', () => {
  const first = systemClock.elapsed();

  expect(systemClock.elapsed()).toBeGreaterThanOrEqual(first);
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
