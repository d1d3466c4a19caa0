import { expect, test } from 'vitest';
import { withClockStepCheck } from '../../src/calls/clock-step.ts';
import { createManualClock } from '../support/manual-clock.ts';

/** Makes a call of 30 s during which the wall clock steps by `stepMs`. Returns the result or the error. */
async function callWithStep(stepMs: number, toleranceMs = 60_000) {
  const clock = createManualClock();
  const call = withClockStepCheck(
    async () => {
      await clock.advance(30_000);
      clock.setNow(clock.now() + stepMs);
      return 'the result';
    },
    () => toleranceMs,
    clock,
  );
  return call('List', {}, new AbortController().signal).catch((error: unknown) => error);
}

test.each([0, 60_000, -60_000])('accepts a response after a clock step of %i ms', async (stepMs) => {
  expect(await callWithStep(stepMs)).toBe('the result');
});

test.each([60_001, -60_001])('discards a response after a clock step of %i ms', async (stepMs) => {
  expect(await callWithStep(stepMs)).toMatchObject({
    kind: 'unavailable',
    message: 'List: response discarded, because the clock of this host changed during the request',
  });
});

test('uses the current tolerance', async () => {
  expect(await callWithStep(10_000, 10_000)).toBe('the result');
  expect(await callWithStep(10_001, 10_000)).toMatchObject({ kind: 'unavailable' });
});
