import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { CancelSignal, SignedCall } from '../../src/calls/call.ts';
import { withDeadline } from '../../src/calls/deadline.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { fakeCall } from './fake-call.ts';

test('returns a result that arrives in time, and leaves no timer or listener', async () => {
  const clock = createManualClock();
  const caller = new AbortController();
  const call = withDeadline(fakeCall({ answer: 'ok' }).call, 10_000, clock);

  await expect(call('List', {}, caller.signal)).resolves.toBe('ok');

  expect(clock.sleepers()).toBe(0);
  expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
});

test('aborts a call at its deadline, not before, and rejects with unavailable', async () => {
  const clock = createManualClock();
  let inner: CancelSignal | undefined;
  const ignoring: SignedCall = (_operation, _query, signal) => {
    inner = signal;
    return new Promise(() => {});
  };
  let failure: unknown;
  withDeadline(ignoring, 10_000, clock)('List', {}, new AbortController().signal).catch((error) => {
    failure = error;
  });

  await clock.advance(9_999);
  expect(failure).toBeUndefined();
  await clock.advance(1);

  expect(failure).toMatchObject({ kind: 'unavailable', message: 'List: no response within 10 s' });
  expect(inner?.aborted).toBe(true);
});

test('cancels each call at its deadline, even if an abort listener throws', async () => {
  const clock = createManualClock();
  const ignoring: SignedCall = (_operation, _query, signal) => {
    signal.addEventListener('abort', () => {
      throw new Error('a bug');
    });
    return new Promise(() => {});
  };
  const call = withDeadline(ignoring, 10_000, clock);
  const { signal } = new AbortController();
  const failures: unknown[] = [];
  for (const name of ['first', 'second']) {
    call(name, {}, signal).catch((error) => failures.push(error.message));
  }

  await clock.advance(10_000);

  expect(failures).toEqual(['first: no response within 10 s', 'second: no response within 10 s']);
});

test('notifies the remaining abort listeners once', async () => {
  const clock = createManualClock();
  const notified: unknown[] = [];
  const notifyFirst = () => notified.push('first');
  let inner: CancelSignal | undefined;
  const ignoring: SignedCall = (_operation, _query, signal) => {
    inner = signal;
    for (const name of ['second', 'third']) signal.addEventListener('abort', () => notified.push(name));
    signal.addEventListener('abort', notifyFirst);
    signal.removeEventListener('abort', notifyFirst);
    return new Promise(() => {});
  };
  const caller = new AbortController();
  const answer = withDeadline(ignoring, 10_000, clock)('List', {}, caller.signal);

  caller.abort(new Error('stopping'));

  await expect(answer).rejects.toThrow('stopping');
  await clock.advance(10_000);
  expect([notified, inner?.reason]).toEqual([['second', 'third'], new Error('stopping')]);
});

test("rejects with the caller's abort reason, even if the call ignores its signal", async () => {
  const clock = createManualClock();
  const caller = new AbortController();
  const answer = withDeadline(() => new Promise(() => {}), 10_000, clock)('List', {}, caller.signal);

  caller.abort(new Error('stopping'));

  await expect(answer).rejects.toThrow('stopping');
  expect(clock.sleepers()).toBe(0);
});

test('makes no call if the signal is already aborted', async () => {
  const { call, requests } = fakeCall({ answer: 'ok' });
  const limited = withDeadline(call, 10_000, createManualClock());

  await expect(limited('List', {}, AbortSignal.abort(new Error('stopping')))).rejects.toThrow('stopping');

  expect(requests).toEqual([]);
});

test('rejects if the call throws synchronously', async () => {
  const clock = createManualClock();
  const call = withDeadline(
    () => {
      throw new Error('a bug');
    },
    10_000,
    clock,
  );

  await expect(call('List', {}, new AbortController().signal)).rejects.toThrow('a bug');

  expect(clock.sleepers()).toBe(0);
});

test('outcomes concurrent calls independently, each at its own deadline', async () => {
  const clock = createManualClock();
  const caller = new AbortController();
  const running = Array.from({ length: 5 }, () => Promise.withResolvers<string>());
  let started = 0;
  const call = withDeadline(() => running[started++]?.promise ?? Promise.reject(), 10_000, clock);
  const outcomes: string[] = [];
  for (const number of running.keys()) {
    call('List', {}, caller.signal).then(
      () => outcomes.push(`${number} ok`),
      () => outcomes.push(`${number} late at ${clock.elapsed()}`),
    );
    await clock.advance(1_000);
  }

  for (const number of [2, 0, 4]) running[number]?.resolve('ok');
  await clock.advance(5_999);
  expect(outcomes).toEqual(['2 ok', '0 ok', '4 ok']);
  await clock.advance(1_000_000);

  expect(outcomes.slice(3)).toEqual(['1 late at 11000', '3 late at 13000']);
  expect(clock.sleepers()).toBe(0);
  expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
});
