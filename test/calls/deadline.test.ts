import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { CancelSignal, SignedCall } from '../../src/calls/call.ts';
import { withDeadline } from '../../src/calls/deadline.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { fakeCall } from './fake-call.ts';

test('an answer in time is the answer, and nobody sleeps or listens on', async () => {
  const clock = createManualClock();
  const caller = new AbortController();
  const call = withDeadline(fakeCall({ answer: 'well' }).call, 10_000, clock);

  await expect(call('List', {}, caller.signal)).resolves.toBe('well');

  expect(clock.sleepers()).toBe(0);
  expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
});

test('a call without an answer is unavailable at its deadline, not before, and is aborted', async () => {
  const clock = createManualClock();
  let inner: CancelSignal | undefined;
  const deaf: SignedCall = (_operation, _query, signal) => {
    inner = signal;
    return new Promise(() => {});
  };
  let failure: unknown;
  withDeadline(deaf, 10_000, clock)('List', {}, new AbortController().signal).catch((error) => {
    failure = error;
  });

  await clock.advance(9_999);
  expect(failure).toBeUndefined();
  await clock.advance(1);

  expect(failure).toMatchObject({ kind: 'unavailable', message: 'List: no answer within 10 s' });
  expect(inner?.aborted).toBe(true);
});

test('a listener that throws keeps no other call from its deadline', async () => {
  const clock = createManualClock();
  const deaf: SignedCall = (_operation, _query, signal) => {
    signal.addEventListener('abort', () => {
      throw new Error('a bug');
    });
    return new Promise(() => {});
  };
  const call = withDeadline(deaf, 10_000, clock);
  const { signal } = new AbortController();
  const failures: unknown[] = [];
  for (const name of ['first', 'second'])
    call(name, {}, signal).catch((error) => failures.push(error.message));

  await clock.advance(10_000);

  expect(failures).toEqual(['first: no answer within 10 s', 'second: no answer within 10 s']);
});

test('a call that is given up tells those who still listen, once', async () => {
  const clock = createManualClock();
  const told: unknown[] = [];
  const tellFirst = () => told.push('first');
  let inner: CancelSignal | undefined;
  const deaf: SignedCall = (_operation, _query, signal) => {
    inner = signal;
    for (const name of ['second', 'third']) signal.addEventListener('abort', () => told.push(name));
    signal.addEventListener('abort', tellFirst);
    signal.removeEventListener('abort', tellFirst);
    return new Promise(() => {});
  };
  const caller = new AbortController();
  const answer = withDeadline(deaf, 10_000, clock)('List', {}, caller.signal);

  caller.abort(new Error('stopping'));

  await expect(answer).rejects.toThrow('stopping');
  await clock.advance(10_000);
  expect([told, inner?.reason]).toEqual([['second', 'third'], new Error('stopping')]);
});

test('an abort by the caller goes through with its reason, also to a call that does not heed it', async () => {
  const clock = createManualClock();
  const caller = new AbortController();
  const answer = withDeadline(() => new Promise(() => {}), 10_000, clock)('List', {}, caller.signal);

  caller.abort(new Error('stopping'));

  await expect(answer).rejects.toThrow('stopping');
  expect(clock.sleepers()).toBe(0);
});

test('under an aborted signal nothing is asked', async () => {
  const { call, asked } = fakeCall({ answer: 'well' });
  const limited = withDeadline(call, 10_000, createManualClock());

  await expect(limited('List', {}, AbortSignal.abort(new Error('stopping')))).rejects.toThrow('stopping');

  expect(asked).toEqual([]);
});

test('a call that throws at once is a rejection like others', async () => {
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

test('of many calls each ends by itself, in whatever order, and those that are left at their deadlines', async () => {
  const clock = createManualClock();
  const caller = new AbortController();
  const running = Array.from({ length: 5 }, () => Promise.withResolvers<string>());
  let begun = 0;
  const call = withDeadline(() => running[begun++]?.promise ?? Promise.reject(), 10_000, clock);
  const ends: string[] = [];
  for (const number of running.keys()) {
    call('List', {}, caller.signal).then(
      () => ends.push(`${number} well`),
      () => ends.push(`${number} late at ${clock.elapsed()}`),
    );
    await clock.advance(1_000);
  }

  for (const number of [2, 0, 4]) running[number]?.resolve('well');
  await clock.advance(5_999);
  expect(ends).toEqual(['2 well', '0 well', '4 well']);
  await clock.advance(1_000_000);

  expect(ends.slice(3)).toEqual(['1 late at 11000', '3 late at 13000']);
  expect(clock.sleepers()).toBe(0);
  expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
});
