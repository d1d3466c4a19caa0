import { expect, test } from 'vitest';
import { createDataDelay, type SilenceSettings } from '../../src/polling/data-delay.ts';
import { noon } from '../support/samples.ts';

const effectiveIntervalMs = 5000;
const settings: SilenceSettings = {
  expectedDelayMs: 10_000,
  staleAfterMs: 30_000,
  periodMs: 5000,
  effectiveIntervalMs,
  isExpectedSilent: false,
};

test('the first answer after a restart leaves open whether a stream without fresh samples is live', () => {
  const delay = createDataDelay(() => undefined);
  const now = noon + 3_600_000;
  delay.resume('a', { newestAt: noon - 300_000, newestDelayMs: 10_000 }, { from: noon - 360_000, to: noon });

  // A peek. The samples of the last hour were not requested yet, and the provider can be late.
  delay.sighted('a', { newestAt: undefined, window: { from: now - 40_000, to: now }, effectiveIntervalMs });
  expect(delay.isUndecided('a', now, settings)).toBe(true);
  expect(delay.needsProbe('a')).toBe(true);

  delay.sighted('a', {
    newestAt: undefined,
    window: { from: now - 1_200_000, to: now + 5000 },
    effectiveIntervalMs,
  });
  expect(delay.isUndecided('a', now + 5000, settings)).toBe(false);
});

test('decides about a silent stream although the clock was set back after its last sample', () => {
  const delay = createDataDelay(() => undefined);
  const ahead = noon + 3_600_000;
  for (const now of [ahead, ahead + 5000]) {
    delay.sighted('a', {
      newestAt: noon - 300_000,
      window: { from: noon - 360_000, to: now },
      effectiveIntervalMs,
    });
    delay.isUndecided('a', now, settings);
  }

  delay.sighted('a', { newestAt: undefined, window: { from: noon - 40_000, to: noon }, effectiveIntervalMs });

  expect(delay.isUndecided('a', noon, settings)).toBe(false);
});

interface FirstAnswer {
  /** Time between the last answer of the program before and the first one of this program. */
  readonly pauseMs: number;
  /** Age of the newest saved sample in the last answer of the program before. */
  readonly silentMs: number;
  readonly newestDelayMs: number | undefined;
  /** By default, the window covers the pause. */
  readonly windowMs?: number;
}

test.each<[string, FirstAnswer, isOpen: boolean]>([
  ['decides about a silent stream', { pauseMs: 5000, silentMs: 100_000, newestDelayMs: 10_000 }, false],
  ['waits for a late stream', { pauseMs: 5000, silentMs: 100_000, newestDelayMs: 80_000 }, true],
  ['waits not longer than its delay', { pauseMs: 5000, silentMs: 100_000, newestDelayMs: 75_000 }, false],
  [
    'waits for a stream that was late before its last sample',
    { pauseMs: 45_000, silentMs: 10_000, newestDelayMs: 80_000 },
    true,
  ],
  ['waits after a long pause', { pauseMs: 61_000, silentMs: 100_000, newestDelayMs: 10_000 }, true],
  [
    'waits after a window that does not cover the pause',
    { pauseMs: 45_000, silentMs: 100_000, newestDelayMs: 10_000, windowMs: 40_000 },
    true,
  ],
  [
    'waits if an earlier version saved the record',
    { pauseMs: 5000, silentMs: 100_000, newestDelayMs: undefined },
    true,
  ],
])(
  'the first answer after a short restart %s',
  (_, { pauseMs, silentMs, newestDelayMs, windowMs }, isOpen) => {
    const delay = createDataDelay(() => undefined);
    const newestAt = noon - silentMs;
    const now = noon + pauseMs;
    const from = noon - 360_000;
    delay.resume('a', { newestAt, newestDelayMs }, { from, to: noon });

    const window = { from: windowMs === undefined ? from : now - windowMs, to: now };
    delay.sighted('a', {
      newestAt: windowMs === undefined ? newestAt : undefined,
      window,
      effectiveIntervalMs,
    });

    expect(delay.isUndecided('a', now, settings)).toBe(isOpen);
  },
);

test('looks far back once before it decides after a restart about a stream without samples', () => {
  const delay = createDataDelay(() => undefined);
  delay.resume('a', { newestAt: undefined }, { from: noon - 70_000, to: noon });

  expect(delay.needsProbe('a')).toBe(true);
  const window = { from: noon - 1_200_000, to: noon + 5000 };
  delay.sighted('a', { newestAt: undefined, window, effectiveIntervalMs });

  expect(delay.isUndecided('a', window.to, settings)).toBe(false);
  expect(delay.needsProbe('a')).toBe(false);
});

test('a sample after a restart replaces the delay of the saved ones', () => {
  const delay = createDataDelay(() => undefined);
  delay.resume('a', { newestAt: noon - 85_000, newestDelayMs: 90_000 }, { from: noon - 360_000, to: noon });
  const from = noon - 360_000;
  delay.sighted('a', { newestAt: noon + 5000, window: { from, to: noon + 10_000 }, effectiveIntervalMs });

  delay.sighted('a', { newestAt: noon + 5000, window: { from, to: noon + 50_000 }, effectiveIntervalMs });

  expect(delay.isUndecided('a', noon + 50_000, settings)).toBe(false);
});
