import { expect, test } from 'vitest';
import { viewTtlMs } from '../../src/model/push-view.ts';

test.each([
  ['one that is short, until it is stale', 5_000, 5_000, 30_000],
  ['one that is long by the config, for three of them', 105_000, 105_000, 315_000],
  ['one that is longer than any budget wants, for three of them', 3_600_000, 3_600_000, 10_800_000],
  ['one made long by throttling, for three of them', 60_000, 5_000, 180_000],
  ['one made very long by throttling, for five minutes', 2_000_000, 5_000, 300_000],
  ['one that was long and was made longer, for three of the configured', 2_100_000, 105_000, 315_000],
])('in a round, %s an answer says something', (_, effectiveIntervalMs, configuredIntervalMs, known) => {
  expect(viewTtlMs(30_000, effectiveIntervalMs, configuredIntervalMs)).toBe(known);
});
