import { expect, test } from 'vitest';
import { createUnconfirmedTime } from '../../src/polling/unconfirmed-time.ts';
import { noon } from '../support/samples.ts';

const minute = 60_000;

function setUp({ effectiveIntervalMs = 5000, reachMs = 90 * minute } = {}) {
  let elapsed = 0;
  const settings = { confirmedAfterMs: 16 * minute, reachMs, effectiveIntervalMs };
  const unconfirmed = createUnconfirmedTime(() => elapsed);
  return {
    unconfirmed,
    settings,
    /** Returns the limit of a request `minutes` after noon, in minutes after noon. */
    confirmTo(minutes: number, watermark: number) {
      elapsed = minutes * minute;
      const now = noon + minutes * minute;
      const at = unconfirmed.confirmTo('a', noon + watermark * minute, now, () => settings);
      return at === undefined ? undefined : (at - noon) / minute;
    },
  };
}

test('leaves the time of an outage unconfirmed until it was requested for as long as other time', () => {
  const { confirmTo } = setUp();

  expect(confirmTo(5, 0)).toBeUndefined();
  // The requests fail until minute 30.
  expect(confirmTo(20, 0)).toBe(0);
  expect(confirmTo(30, 0)).toBe(0);
  expect(confirmTo(45.9, 45.8)).toBe(0);
  expect(confirmTo(46, 45.9)).toBeUndefined();
});

test('keeps the time of successive outages unconfirmed as far as requests can cover it', () => {
  const { confirmTo } = setUp();

  expect(confirmTo(30, 0)).toBe(0);
  expect(confirmTo(40, 31)).toBe(0);
  expect(confirmTo(54, 41)).toBe(0);
  expect(confirmTo(69, 60)).toBe(0);
  expect(confirmTo(80, 70)).toBe(6);
});

test('leaves no time unconfirmed that a shorter span no longer covers', () => {
  const { confirmTo, settings } = setUp();

  expect(confirmTo(30, 0)).toBe(0);
  settings.reachMs = 8 * minute;
  expect(confirmTo(31, 30)).toBe(23);
});

test('takes no normal interval for an outage', () => {
  expect(setUp({ effectiveIntervalMs: 4 * minute }).confirmTo(8, 0)).toBeUndefined();
  expect(setUp({ effectiveIntervalMs: 6 * minute }).confirmTo(60, 0)).toBeUndefined();
});

test('forgets a target', () => {
  const { confirmTo, unconfirmed } = setUp();
  confirmTo(30, 0);

  unconfirmed.remove('a');

  expect(confirmTo(31, 30)).toBeUndefined();
});
