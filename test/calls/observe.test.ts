import { expect, test } from 'vitest';
import { type Attempt, withObserver } from '../../src/calls/observe.ts';
import { ProviderError } from '../../src/model/answer.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { type Act, fakeCall } from './fake-call.ts';

const never = new AbortController().signal;

test('reports a success without a kind, with its duration', async () => {
  const clock = createManualClock();
  const attempts: Attempt[] = [];
  const slow = async () => {
    await clock.sleep(250, never);
    // A setback of the wall clock does not affect the duration.
    clock.setNow(0);
    return 'ok';
  };
  const result = withObserver(slow, (attempt) => attempts.push(attempt), clock)('List', {}, never);

  await clock.advance(1_000);

  await expect(result).resolves.toBe('ok');
  expect(attempts).toEqual([{ operation: 'List', kind: undefined, durationMs: 250 }]);
});

test.each<[string, Act, string]>([
  ['reports a failure by its kind', { error: new ProviderError('throttled', 'x') }, 'throttled'],
  ['reports an unexpected exception as internal', { error: new TypeError('x') }, 'internal'],
])('%s, and rethrows it unchanged', async (_, act, kind) => {
  const attempts: Attempt[] = [];
  const call = withObserver(fakeCall(act).call, (attempt) => attempts.push(attempt), createManualClock());

  await expect(call('List', {}, never)).rejects.toBe(
    act !== 'hang' && 'error' in act ? act.error : undefined,
  );

  expect(attempts).toEqual([{ operation: 'List', kind, durationMs: 0 }]);
});

test('does not report an attempt that the caller aborted', async () => {
  const attempts: Attempt[] = [];
  const caller = new AbortController();
  const call = withObserver(fakeCall('hang').call, (attempt) => attempts.push(attempt), createManualClock());
  const result = call('List', {}, caller.signal);

  caller.abort(new Error('stopping'));

  await expect(result).rejects.toThrow('stopping');
  expect(attempts).toEqual([]);
});
