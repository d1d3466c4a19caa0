import { expect, test } from 'vitest';
import { withRetry } from '../../src/calls/retry.ts';
import { type FailureKind, ProviderError } from '../../src/model/answer.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { type Act, fakeCall } from './fake-call.ts';

const never = new AbortController().signal;
const settings = { attempts: 4, baseMs: 1_000, maxMs: 3_000, deadlineMs: 60_000 };

function failed(kind: FailureKind, retryAfterMs?: number): Act {
  return {
    error: new ProviderError(kind, 'x List: failed', retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** Runs for an hour. Returns the result or error, and the start time of each attempt. */
async function run(
  acts: readonly Act[],
  { random = 1, ...changed }: Partial<typeof settings & { random: number }>,
) {
  const clock = createManualClock();
  const { call: inner } = fakeCall(...acts);
  const startedAt: number[] = [];
  const recording: typeof inner = (...args) => {
    startedAt.push(clock.elapsed());
    return inner(...args);
  };
  let outcome: unknown;
  const call = withRetry(recording, { ...settings, ...changed, clock, random: () => random });
  const ended = call('List', {}, never).then(
    (answer) => {
      outcome = answer;
    },
    (error: unknown) => {
      outcome = error;
    },
  );
  await clock.advance(3_600_000);
  await ended;
  return { outcome, startedAt };
}

test('retries retryable failures with a capped exponential backoff', async () => {
  const acts = [failed('unavailable'), failed('throttled'), failed('unavailable'), { answer: 'ok' }];

  const { outcome, startedAt } = await run(acts, {});

  expect(outcome).toBe('ok');
  expect(startedAt).toEqual([0, 1_000, 3_000, 6_000]);
});

test('applies full jitter to the backoff', async () => {
  const { startedAt } = await run([failed('unavailable'), failed('unavailable'), { answer: 'ok' }], {
    random: 0.25,
  });

  expect(startedAt).toEqual([0, 250, 750]);
});

test.each<FailureKind>(['auth', 'refused', 'malformed', 'internal'])('does not retry %s', async (kind) => {
  const { outcome, startedAt } = await run([failed(kind), { answer: 'ok' }], {});

  expect(outcome).toMatchObject({ kind, message: 'x List: failed' });
  expect(startedAt).toEqual([0]);
});

test('does not retry an unexpected exception', async () => {
  const { outcome, startedAt } = await run([{ error: new TypeError('a bug') }, { answer: 'ok' }], {});

  expect(outcome).toBeInstanceOf(TypeError);
  expect(startedAt).toEqual([0]);
});

test('rethrows the last failure with the number of attempts', async () => {
  const acts = [
    failed('unavailable'),
    failed('unavailable'),
    failed('unavailable'),
    failed('throttled', 500),
  ];

  const { outcome } = await run(acts, {});

  expect(outcome).toMatchObject({
    kind: 'throttled',
    message: 'x List: failed; gave up after 4 attempts',
    retryAfterMs: 500,
  });
});

test('does not retry before Retry-After', async () => {
  const { startedAt } = await run([failed('throttled', 20_000), { answer: 'ok' }], {});

  expect(startedAt).toEqual([0, 20_000]);
});

test('applies the backoff if Retry-After is 0', async () => {
  const { startedAt } = await run([failed('throttled', 0), { answer: 'ok' }], {});

  expect(startedAt).toEqual([0, 1_000]);
});

test('starts no attempt after the deadline', async () => {
  const { outcome, startedAt } = await run([failed('throttled', 60_001), { answer: 'ok' }], {});

  expect(outcome).toMatchObject({ message: 'x List: failed', retryAfterMs: 60_001 });
  expect(startedAt).toEqual([0]);
  await expect(run([failed('unavailable')], { deadlineMs: 3_000 })).resolves.toMatchObject({
    outcome: { message: 'x List: failed; gave up after 3 attempts' },
    startedAt: [0, 1_000, 3_000],
  });
});

test('ends the backoff immediately on abort', async () => {
  const clock = createManualClock();
  const caller = new AbortController();
  const { call, requests } = fakeCall(failed('unavailable'));
  const answer = withRetry(call, { ...settings, clock, random: () => 1 })('List', {}, caller.signal);
  await clock.advance(500);

  caller.abort(new Error('stopping'));

  await expect(answer).rejects.toThrow('stopping');
  expect([requests.length, clock.sleepers()]).toEqual([1, 0]);
});
