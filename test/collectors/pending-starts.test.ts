import { expect, test } from 'vitest';
import { createPendingStarts } from '../../src/collectors/pending-starts.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';

test('moves a start with the clock, once per step', async () => {
  const clock = createManualClock(noon);
  const { add, adjustedStart } = createPendingStarts(clock);
  add('a', noon);
  await clock.advance(7_200_000);
  expect(adjustedStart('a', clock.now())).toBeUndefined();

  clock.setNow(clock.now() + 3_600_000);
  expect(adjustedStart('a', clock.now())).toBe(noon + 3_600_000);
  expect(adjustedStart('a', clock.now())).toBeUndefined();

  clock.setNow(clock.now() - 86_400_000);
  expect(adjustedStart('a', clock.now())).toBe(noon + 3_600_000 - 86_400_000);
});

test('moves no start for a slewed clock, or after the first answer', () => {
  const clock = createManualClock(noon);
  const { add, remove, adjustedStart } = createPendingStarts(clock);
  add('a', noon);

  clock.setNow(noon + 5_000);
  expect(adjustedStart('a', clock.now())).toBeUndefined();

  remove('a');
  clock.setNow(noon + 3_600_000);
  expect(adjustedStart('a', clock.now())).toBeUndefined();
});
