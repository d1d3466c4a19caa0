import { expect, test } from 'vitest';
import type { Attempt } from '../../src/calls/observe.ts';
import { createRateLimiter } from '../../src/calls/rate-limit.ts';
import { stackCall } from '../../src/calls/stack.ts';
import { ProviderError } from '../../src/model/answer.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { fakeCall } from './fake-call.ts';

test('gives each attempt its own token and deadline, and reports it', async () => {
  const clock = createManualClock();
  const attempts: (Attempt & { readonly endedAt: number })[] = [];
  const { call } = fakeCall('hang', { error: new ProviderError('throttled', 'x') }, { answer: 'ok' });
  const stacked = stackCall(call, {
    secrets: { version: () => 0, renew: async () => {} },
    toleranceMs: () => 60_000,
    limiters: new Map([['List', createRateLimiter(0.1, clock)]]),
    observe: (attempt) => attempts.push({ ...attempt, endedAt: clock.elapsed() }),
    attemptMs: 2_000,
    retry: { attempts: 3, baseMs: 1_000, maxMs: 1_000, deadlineMs: 60_000 },
    clock,
    random: () => 1,
  });
  const result = stacked('List', {}, new AbortController().signal);

  await clock.advance(30_000);

  await expect(result).resolves.toBe('ok');
  expect(attempts).toEqual([
    { operation: 'List', kind: 'unavailable', durationMs: 2_000, endedAt: 2_000 },
    { operation: 'List', kind: 'throttled', durationMs: 0, endedAt: 11_000 },
    { operation: 'List', kind: undefined, durationMs: 0, endedAt: 22_000 },
  ]);
});
