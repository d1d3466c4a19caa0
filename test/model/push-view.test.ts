import { expect, test } from 'vitest';
import { viewTtlMs } from '../../src/model/push-view.ts';

test.each([
  ['a short interval: stale_after', 5_000, 5_000, 30_000],
  ['a long configured interval: three intervals', 105_000, 105_000, 315_000],
  ['a very long configured interval: three intervals', 3_600_000, 3_600_000, 10_800_000],
  ['an interval extended by throttling: three intervals', 60_000, 5_000, 180_000],
  ['an interval extended very much by throttling: five minutes', 2_000_000, 5_000, 300_000],
  ['a long interval extended by throttling: three configured intervals', 2_100_000, 105_000, 315_000],
])('sets the TTL of a view for %s', (_, effectiveIntervalMs, configuredIntervalMs, ttlMs) => {
  expect(viewTtlMs(30_000, effectiveIntervalMs, configuredIntervalMs)).toBe(ttlMs);
});
