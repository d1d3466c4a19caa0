import { expect, test } from 'vitest';
import { createDataDelay, type SilenceSettings } from '../../src/polling/data-delay.ts';
import { noon } from '../support/samples.ts';

const settings: SilenceSettings = {
  expectedDelayMs: 10_000,
  staleAfterMs: 30_000,
  periodMs: 5000,
  effectiveIntervalMs: 5000,
  isExpectedSilent: false,
};

test('the first answer after a restart leaves open whether a stream without fresh samples is live', () => {
  const delay = createDataDelay(() => undefined);
  const now = noon + 3_600_000;
  delay.resume('a', noon - 300_000, { from: noon - 360_000, to: noon });

  // A peek. The samples of the last hour were not requested yet, and the provider can be late.
  delay.sighted('a', undefined, { from: now - 40_000, to: now });
  expect(delay.isUndecided('a', now, settings)).toBe(true);
  expect(delay.needsProbe('a')).toBe(true);

  delay.sighted('a', undefined, { from: now - 1_200_000, to: now + 5000 });
  expect(delay.isUndecided('a', now + 5000, settings)).toBe(false);
});

test('decides about a silent stream although the clock was set back after its last sample', () => {
  const delay = createDataDelay(() => undefined);
  const ahead = noon + 3_600_000;
  for (const now of [ahead, ahead + 5000]) {
    delay.sighted('a', noon - 300_000, { from: noon - 360_000, to: now });
    delay.isUndecided('a', now, settings);
  }

  delay.sighted('a', undefined, { from: noon - 40_000, to: noon });

  expect(delay.isUndecided('a', noon, settings)).toBe(false);
});
