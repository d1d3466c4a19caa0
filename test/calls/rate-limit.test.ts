import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createRateLimiter, withRateLimit } from '../../src/calls/rate-limit.ts';
import { ProviderError } from '../../src/model/answer.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { fakeCall } from './fake-call.ts';

const never = new AbortController().signal;

/** One call each 250 ms. */
function fourPerSecond() {
  const clock = createManualClock();
  const turns: (readonly [string, number])[] = [];
  const inner = async (operation: string, { name = '' }: Readonly<Record<string, string | number>>) => {
    turns.push([`${operation} ${name}`, Math.round(clock.elapsed())]);
  };
  const limiters = new Map([
    ['List', createRateLimiter(4.4, clock)],
    ['Other', createRateLimiter(4.4, clock)],
  ]);
  return { clock, turns, limiters, call: withRateLimit(inner, limiters) };
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

test('who waits for a turn hears of a new rate', async () => {
  const clock = createManualClock();
  const limiter = createRateLimiter(0.011, clock);
  await limiter.acquire(never);
  const turn = limiter.acquire(never);
  await clock.advance(5_000);

  limiter.setPerSecond(22);
  await clock.advance(1_000);

  expect(await Promise.race([turn, 'none'])).toBe(6_000);
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

  void withRateLimit(inner, limiters)('List', {}, never);

  await clock.advance(249);
  expect(asked).toEqual([]);
  await clock.advance(1);
  expect(asked).toHaveLength(1);
  expect(turns).toHaveLength(1);
});

test('a throttled call slows down all that come after it, also those that wait, in their order', async () => {
  const { clock, turns, limiters, call } = fourPerSecond();
  const { call: refusing } = fakeCall({ error: new ProviderError('throttled', 'List: too often') });
  const refused = withRateLimit(refusing, limiters)('List', {}, never);
  for (const name of ['a', 'b']) void call('List', { name }, never);

  await expect(refused).rejects.toThrow('List: too often');

  await clock.advance(2_000);
  expect(turns).toEqual([
    ['List a', 500],
    ['List b', 1_000],
  ]);
  expect(limiters.get('Other')?.perSecond()).toBe(4.4);
});

test('a throttled call that the provider asked to come later holds back those that wait already', async () => {
  const { clock, turns, limiters, call } = fourPerSecond();
  const tooOften = new ProviderError('throttled', 'List: HTTP 429', { retryAfterMs: 9_000 });
  const { call: refusing } = fakeCall({ error: tooOften });
  const refused = withRateLimit(refusing, limiters)('List', {}, never);
  void call('List', { name: 'a' }, never);
  void call('List', { name: 'b' }, never);

  await expect(refused).rejects.toBe(tooOften);

  await clock.advance(10_000);
  expect(turns).toEqual([
    ['List a', 9_000],
    ['List b', 9_500],
  ]);
});

test('one target that is out of order for an hour holds back no other', async () => {
  const { clock, turns, limiters, call } = fourPerSecond();
  const sick = new ProviderError('unavailable', 'List: HTTP 503', { retryAfterMs: 3_600_000 });
  const { call: refusing } = fakeCall({ error: sick });
  const refused = withRateLimit(refusing, limiters)('List', {}, never);
  void call('List', { name: 'a' }, never);
  void call('List', { name: 'b' }, never);

  await expect(refused).rejects.toBe(sick);

  await clock.advance(1_000);
  expect(turns).toEqual([
    ['List a', 250],
    ['List b', 500],
  ]);
});

test('another rate keeps what was learned, as a share', async () => {
  const limiter = createRateLimiter(20, createManualClock());
  const turnAt = await limiter.acquire(never);
  limiter.failed({ kind: 'throttled', retryAfterMs: undefined }, turnAt);
  expect(limiter.perSecond()).toBe(10);

  limiter.setPerSecond(8);

  expect(limiter.perSecond()).toBe(4);
});

test('a call that was broken off teaches nothing', async () => {
  const { clock, limiters } = fourPerSecond();
  const { call: hanging } = fakeCall('hang');
  const caller = new AbortController();
  const broken = withRateLimit(hanging, limiters)('List', {}, caller.signal);
  await clock.advance(100);

  caller.abort(new Error('stopping'));

  await expect(broken).rejects.toThrow('stopping');
  expect(limiters.get('List')?.perSecond()).toBe(4.4);
});

test('an operation without a budget is not asked at all', async () => {
  const { call, asked } = fakeCall({ answer: 'well' });

  const answer = withRateLimit(call, new Map())('List', {}, never);

  await expect(answer).rejects.toMatchObject({ kind: 'internal', message: 'List: no budget' });
  expect(asked).toEqual([]);
});
