import { expect, test } from 'vitest';
import { type Attempt, withObserver } from '../../src/calls/observe.ts';
import { ProviderError } from '../../src/model/answer.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { type Act, fakeCall } from './fake-call.ts';

const never = new AbortController().signal;

test('an answer is told without a kind, with the time that it took', async () => {
  const clock = createManualClock();
  const attempts: Attempt[] = [];
  const slow = async () => {
    await clock.sleep(250, never);
    // Somebody sets the wall clock back: no matter.
    clock.setNow(0);
    return 'well';
  };
  const answer = withObserver(slow, (attempt) => attempts.push(attempt), clock)('List', {}, never);

  await clock.advance(1_000);

  await expect(answer).resolves.toBe('well');
  expect(attempts).toEqual([{ operation: 'List', kind: undefined, durationMs: 250 }]);
});

test.each<[string, Act, string]>([
  ['a failure is told by its kind', { error: new ProviderError('throttled', 'x') }, 'throttled'],
  ['a bug is told as internal', { error: new TypeError('x') }, 'internal'],
])('%s, and thrown on as it was', async (_, act, kind) => {
  const attempts: Attempt[] = [];
  const call = withObserver(fakeCall(act).call, (attempt) => attempts.push(attempt), createManualClock());

  await expect(call('List', {}, never)).rejects.toBe(
    act !== 'hang' && 'error' in act ? act.error : undefined,
  );

  expect(attempts).toEqual([{ operation: 'List', kind, durationMs: 0 }]);
});

test('what the caller broke off is not told', async () => {
  const attempts: Attempt[] = [];
  const caller = new AbortController();
  const call = withObserver(fakeCall('hang').call, (attempt) => attempts.push(attempt), createManualClock());
  const answer = call('List', {}, caller.signal);

  caller.abort(new Error('stopping'));

  await expect(answer).rejects.toThrow('stopping');
  expect(attempts).toEqual([]);
});
