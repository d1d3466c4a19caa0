import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createLimiter, limited } from '../../src/calls/limited.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { fakeCall } from './fake-call.ts';

const never = new AbortController().signal;

/** Four calls a second: one each 250 ms. */
function fourPerSecond() {
  const clock = createManualClock();
  const turns: (readonly [string, number])[] = [];
  const inner = async (operation: string, { name = '' }: Readonly<Record<string, string | number>>) => {
    turns.push([`${operation} ${name}`, clock.elapsed()]);
  };
  const limiters = new Map([
    ['List', createLimiter(4, clock)],
    ['Other', createLimiter(4, clock)],
  ]);
  return { clock, turns, limiters, call: limited(inner, limiters) };
}

test('calls wait for their turns in the order in which they came', async () => {
  const { clock, turns, call } = fourPerSecond();
  for (const name of ['a', 'b', 'c', 'd']) void call('List', { name }, never);

  await clock.advance(600);

  expect(turns).toEqual([
    ['List a', 0],
    ['List b', 250],
    ['List c', 500],
  ]);
});

test('each operation has a budget of its own', async () => {
  const { clock, turns, call } = fourPerSecond();
  void call('List', {}, never);
  void call('Other', {}, never);

  await clock.advance(0);

  expect(turns).toEqual([
    ['List ', 0],
    ['Other ', 0],
  ]);
});

test('who leaves the queue uses no turn, and those behind move up', async () => {
  const { clock, turns, call } = fourPerSecond();
  const caller = new AbortController();
  void call('List', { name: 'a' }, never);
  const first = call('List', { name: 'b' }, caller.signal);
  const second = call('List', { name: 'c' }, caller.signal);
  void call('List', { name: 'd' }, never);
  await clock.advance(100);

  caller.abort(new Error('stopping'));

  await expect(first).rejects.toThrow('stopping');
  await expect(second).rejects.toThrow('stopping');
  await clock.advance(150);
  expect(turns).toEqual([
    ['List a', 0],
    ['List d', 250],
  ]);
  expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
});

test('one in the middle of the queue may leave without letting others pass the first', async () => {
  const { clock, turns, call } = fourPerSecond();
  const caller = new AbortController();
  void call('List', { name: 'a' }, never);
  void call('List', { name: 'b' }, never);
  const middle = call('List', { name: 'c' }, caller.signal);
  void call('List', { name: 'd' }, never);

  caller.abort(new Error('stopping'));

  await expect(middle).rejects.toThrow('stopping');
  // Only the first of the queue waits for the budget.
  await clock.advance(0);
  expect(clock.sleepers()).toBe(1);
  await clock.advance(1_000);
  expect(turns).toEqual([
    ['List a', 0],
    ['List b', 250],
    ['List d', 500],
  ]);
});

test('a call made anew over the same limiter keeps to its pace', async () => {
  const { clock, turns, limiters, call } = fourPerSecond();
  void call('List', { name: 'a' }, never);
  await clock.advance(0);
  const { call: inner, asked } = fakeCall({ answer: 'well' });

  void limited(inner, limiters)('List', {}, never);

  await clock.advance(249);
  expect(asked).toEqual([]);
  await clock.advance(1);
  expect(asked).toHaveLength(1);
  expect(turns).toHaveLength(1);
});

test('an operation without a budget is not asked at all', async () => {
  const { call, asked } = fakeCall({ answer: 'well' });

  const answer = limited(call, new Map())('List', {}, never);

  await expect(answer).rejects.toMatchObject({ kind: 'internal', message: 'List: no budget' });
  expect(asked).toEqual([]);
});
