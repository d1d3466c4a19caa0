import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createRateLimiter, withRateLimit } from '../../src/calls/rate-limit.ts';
import { ProviderError } from '../../src/model/answer.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { fakeCall } from './fake-call.ts';

const never = new AbortController().signal;

/** Sets up limiters with one token every 250 ms, and a call that records the time of each token. */
function fourPerSecond() {
  const clock = createManualClock();
  const calls: (readonly [string, number])[] = [];
  const inner = async (operation: string, { name = '' }: Readonly<Record<string, string | number>>) => {
    calls.push([`${operation} ${name}`, Math.round(clock.elapsed())]);
  };
  const limiters = new Map([
    ['List', createRateLimiter(4.4, clock)],
    ['Other', createRateLimiter(4.4, clock)],
  ]);
  return { clock, calls, limiters, call: withRateLimit(inner, limiters) };
}

test('acquires tokens in FIFO order', async () => {
  const { clock, calls, call } = fourPerSecond();
  for (const name of ['a', 'b', 'c', 'd']) void call('List', { name }, never);

  await clock.advance(600);

  expect(calls).toEqual([
    ['List a', 0],
    ['List b', 250],
    ['List c', 500],
  ]);
});

test('applies a changed rate to a waiter', async () => {
  const clock = createManualClock();
  const limiter = createRateLimiter(0.011, clock);
  await limiter.acquire(never);
  const token = limiter.acquire(never);
  await clock.advance(5_000);

  limiter.setPerSecond(22);
  await clock.advance(1_000);

  expect(await Promise.race([token, 'none'])).toBe(6_000);
});

test('limits each operation separately', async () => {
  const { clock, calls, call } = fourPerSecond();
  void call('List', {}, never);
  void call('Other', {}, never);

  await clock.advance(0);

  expect(calls).toEqual([
    ['List ', 0],
    ['Other ', 0],
  ]);
});

test('consumes no token for an aborted waiter', async () => {
  const { clock, calls, call } = fourPerSecond();
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
  expect(calls).toEqual([
    ['List a', 0],
    ['List d', 250],
  ]);
  expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
});

test('keeps the order of the queue if a waiter in the middle aborts', async () => {
  const { clock, calls, call } = fourPerSecond();
  const caller = new AbortController();
  void call('List', { name: 'a' }, never);
  void call('List', { name: 'b' }, never);
  const middle = call('List', { name: 'c' }, caller.signal);
  void call('List', { name: 'd' }, never);

  caller.abort(new Error('stopping'));

  await expect(middle).rejects.toThrow('stopping');
  // Only the first waiter sleeps until its token.
  await clock.advance(0);
  expect(clock.sleepers()).toBe(1);
  await clock.advance(1_000);
  expect(calls).toEqual([
    ['List a', 0],
    ['List b', 250],
    ['List d', 500],
  ]);
});

test('shares a limiter between calls', async () => {
  const { clock, calls, limiters, call } = fourPerSecond();
  void call('List', { name: 'a' }, never);
  await clock.advance(0);
  const { call: inner, requests } = fakeCall({ answer: 'ok' });

  void withRateLimit(inner, limiters)('List', {}, never);

  await clock.advance(249);
  expect(requests).toEqual([]);
  await clock.advance(1);
  expect(requests).toHaveLength(1);
  expect(calls).toHaveLength(1);
});

test('lowers the rate for all waiters after a throttled call', async () => {
  const { clock, calls, limiters, call } = fourPerSecond();
  const { call: throttling } = fakeCall({ error: new ProviderError('throttled', 'List: throttled') });
  const rejected = withRateLimit(throttling, limiters)('List', {}, never);
  for (const name of ['a', 'b']) void call('List', { name }, never);

  await expect(rejected).rejects.toThrow('List: throttled');

  await clock.advance(2_000);
  expect(calls).toEqual([
    ['List a', 500],
    ['List b', 1_000],
  ]);
  expect(limiters.get('Other')?.perSecond()).toBe(4.4);
});

test('holds all waiters until the Retry-After of a throttled call', async () => {
  const { clock, calls, limiters, call } = fourPerSecond();
  const throttled = new ProviderError('throttled', 'List: HTTP 429', { retryAfterMs: 9_000 });
  const { call: throttling } = fakeCall({ error: throttled });
  const rejected = withRateLimit(throttling, limiters)('List', {}, never);
  void call('List', { name: 'a' }, never);
  void call('List', { name: 'b' }, never);

  await expect(rejected).rejects.toBe(throttled);

  await clock.advance(10_000);
  expect(calls).toEqual([
    ['List a', 9_000],
    ['List b', 9_500],
  ]);
});

test('does not hold other targets for the Retry-After of an unavailable one', async () => {
  const { clock, calls, limiters, call } = fourPerSecond();
  const unavailable = new ProviderError('unavailable', 'List: HTTP 503', { retryAfterMs: 3_600_000 });
  const { call: failing } = fakeCall({ error: unavailable });
  const rejected = withRateLimit(failing, limiters)('List', {}, never);
  void call('List', { name: 'a' }, never);
  void call('List', { name: 'b' }, never);

  await expect(rejected).rejects.toBe(unavailable);

  await clock.advance(1_000);
  expect(calls).toEqual([
    ['List a', 250],
    ['List b', 500],
  ]);
});

test('keeps the learned share when the rate changes', async () => {
  const limiter = createRateLimiter(20, createManualClock());
  const tokenAt = await limiter.acquire(never);
  limiter.failed({ kind: 'throttled', retryAfterMs: undefined }, tokenAt);
  expect(limiter.perSecond()).toBe(10);

  limiter.setPerSecond(8);

  expect(limiter.perSecond()).toBe(4);
});

test('ignores an aborted call', async () => {
  const { clock, limiters } = fourPerSecond();
  const { call: hanging } = fakeCall('hang');
  const caller = new AbortController();
  const aborted = withRateLimit(hanging, limiters)('List', {}, caller.signal);
  await clock.advance(100);

  caller.abort(new Error('stopping'));

  await expect(aborted).rejects.toThrow('stopping');
  expect(limiters.get('List')?.perSecond()).toBe(4.4);
});

test('makes no call for an operation without a limiter', async () => {
  const { call, requests } = fakeCall({ answer: 'ok' });

  const result = withRateLimit(call, new Map())('List', {}, never);

  await expect(result).rejects.toMatchObject({ kind: 'internal', message: 'List: no rate limiter' });
  expect(requests).toEqual([]);
});
