import { expect, test } from 'vitest';
import { withRetry } from '../../src/calls/retry.ts';
import { type FailureKind, ProviderError } from '../../src/model/answer.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { type Act, fakeCall } from './fake-call.ts';

const never = new AbortController().signal;
const settings = { attempts: 4, baseMs: 1_000, maxMs: 3_000, deadlineMs: 60_000 };

function failed(kind: FailureKind, retryAfterMs?: number): Act {
  return {
    error: new ProviderError(kind, 'x List: sick', retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** Runs for an hour; gives how it ended, and when each try began. */
async function run(
  acts: readonly Act[],
  { random = 1, ...changed }: Partial<typeof settings & { random: number }>,
) {
  const clock = createManualClock();
  const { call: inner } = fakeCall(...acts);
  const begun: number[] = [];
  const noting: typeof inner = (...args) => {
    begun.push(clock.elapsed());
    return inner(...args);
  };
  let end: unknown;
  const call = withRetry(noting, { ...settings, ...changed }, clock, () => random);
  const ended = call('List', {}, never).then(
    (answer) => {
      end = answer;
    },
    (error: unknown) => {
      end = error;
    },
  );
  await clock.advance(3_600_000);
  await ended;
  return { end, begun };
}

test('what may heal is tried again, after pauses that double up to a limit', async () => {
  const acts = [failed('unavailable'), failed('throttled'), failed('unavailable'), { answer: 'well' }];

  const { end, begun } = await run(acts, {});

  expect(end).toBe('well');
  expect(begun).toEqual([0, 1_000, 3_000, 6_000]);
});

test('the pause is a random part of the whole', async () => {
  const { begun } = await run([failed('unavailable'), failed('unavailable'), { answer: 'well' }], {
    random: 0.25,
  });

  expect(begun).toEqual([0, 250, 750]);
});

test.each<FailureKind>(['auth', 'refused', 'malformed', 'internal'])(
  '%s is not tried again',
  async (kind) => {
    const { end, begun } = await run([failed(kind), { answer: 'well' }], {});

    expect(end).toMatchObject({ kind, message: 'x List: sick' });
    expect(begun).toEqual([0]);
  },
);

test('a bug is not tried again', async () => {
  const { end, begun } = await run([{ error: new TypeError('a bug') }, { answer: 'well' }], {});

  expect(end).toBeInstanceOf(TypeError);
  expect(begun).toEqual([0]);
});

test('the last failure is the one thrown, with the number of tries', async () => {
  const acts = [
    failed('unavailable'),
    failed('unavailable'),
    failed('unavailable'),
    failed('throttled', 500),
  ];

  const { end } = await run(acts, {});

  expect(end).toMatchObject({ kind: 'throttled', message: 'x List: sick after 4 tries', retryAfterMs: 500 });
});

test('the provider is not asked before the time that it named', async () => {
  const { begun } = await run([failed('throttled', 20_000), { answer: 'well' }], {});

  expect(begun).toEqual([0, 20_000]);
});

test('a provider that names no time at all is still not asked at once', async () => {
  const { begun } = await run([failed('throttled', 0), { answer: 'well' }], {});

  expect(begun).toEqual([0, 1_000]);
});

test('no try begins after the deadline', async () => {
  const { end, begun } = await run([failed('throttled', 60_001), { answer: 'well' }], {});

  expect(end).toMatchObject({ message: 'x List: sick', retryAfterMs: 60_001 });
  expect(begun).toEqual([0]);
  await expect(run([failed('unavailable')], { deadlineMs: 3_000 })).resolves.toMatchObject({
    end: { message: 'x List: sick after 3 tries' },
    begun: [0, 1_000, 3_000],
  });
});

test('an abort ends a pause at once', async () => {
  const clock = createManualClock();
  const caller = new AbortController();
  const { call, asked } = fakeCall(failed('unavailable'));
  const answer = withRetry(call, settings, clock, () => 1)('List', {}, caller.signal);
  await clock.advance(500);

  caller.abort(new Error('stopping'));

  await expect(answer).rejects.toThrow('stopping');
  expect([asked.length, clock.sleepers()]).toEqual([1, 0]);
});
