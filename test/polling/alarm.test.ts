import { expect, test } from 'vitest';
import { createAlarm } from '../../src/polling/alarm.ts';
import { createManualClock } from '../support/manual-clock.ts';

function setUp() {
  const clock = createManualClock();
  const stop = new AbortController();
  const alarm = createAlarm(clock, stop.signal);
  const wokeAt: number[] = [];
  const sleepUntil = async (at: number) => {
    await alarm.sleepUntil(at);
    wokeAt.push(clock.elapsed());
  };
  return { clock, stop, alarm, sleepUntil, wokeAt };
}

test('sleeps until the given time', async () => {
  const { clock, sleepUntil, wokeAt } = setUp();

  const sleep = sleepUntil(5000);
  await clock.advance(4999);
  expect(wokeAt).toEqual([]);
  await clock.advance(1);
  await sleep;

  expect(wokeAt).toEqual([5000]);
});

test('wakes early for an earlier time, and not for a later one', async () => {
  const { clock, alarm, sleepUntil, wokeAt } = setUp();

  const sleep = sleepUntil(5000);
  await clock.advance(1000);
  alarm.bringForward(5000);
  alarm.bringForward(7000);
  await clock.advance(0);
  expect(wokeAt).toEqual([]);
  alarm.bringForward(4999);
  await sleep;

  expect(wokeAt).toEqual([1000]);
  expect(clock.sleepers()).toBe(0);
});

test('sleeps without end until it is woken', async () => {
  const { clock, alarm, sleepUntil, wokeAt } = setUp();

  const sleep = sleepUntil(Infinity);
  await clock.advance(86_400_000);
  alarm.bringForward(0);
  await sleep;

  expect(wokeAt).toEqual([86_400_000]);
});

test('an abort ends the sleep, and each later one at once', async () => {
  const { clock, stop, sleepUntil, wokeAt } = setUp();

  const sleep = sleepUntil(Infinity);
  await clock.advance(1000);
  stop.abort();
  await sleep;
  await sleepUntil(Infinity);

  expect(wokeAt).toEqual([1000, 1000]);
});

test('rejects if the clock fails', async () => {
  const clock = { elapsed: () => 0, sleep: () => Promise.reject(new Error('no timer')) };
  const alarm = createAlarm(clock, new AbortController().signal);

  await expect(alarm.sleepUntil(1)).rejects.toThrow('no timer');
});
