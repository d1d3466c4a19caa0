import { expect, test } from 'vitest';
import { withClockStepCheck } from '../../src/calls/clock-step.ts';
import { createManualClock } from '../support/manual-clock.ts';

/** What comes of a call of half a minute, in which our clock is set by so much. */
async function ask(setByMs: number, toleranceMs = 60_000) {
  const clock = createManualClock();
  const call = withClockStepCheck(
    async () => {
      await clock.advance(30_000);
      clock.setNow(clock.now() + setByMs);
      return 'the answer';
    },
    () => toleranceMs,
    clock,
  );
  return call('List', {}, new AbortController().signal).catch((error: unknown) => error);
}

test.each([0, 60_000, -60_000])('an answer is used where our clock was set by %i ms', async (setByMs) => {
  expect(await ask(setByMs)).toBe('the answer');
});

test.each([60_001, -60_001])('an answer is not used where our clock was set by %i ms', async (setByMs) => {
  expect(await ask(setByMs)).toMatchObject({
    kind: 'unavailable',
    message: 'List: the answer is not used, since our clock was set meanwhile',
  });
});

test('no more is tolerated than is wanted at the moment', async () => {
  expect(await ask(10_000, 10_000)).toBe('the answer');
  expect(await ask(10_001, 10_000)).toMatchObject({ kind: 'unavailable' });
});
