import { expect, test } from 'vitest';
import { capabilities } from '../../src/model/capabilities.ts';

test('has one capability per operation, with consistent limits', () => {
  expect(new Set(capabilities.map(({ operation }) => operation)).size).toBe(capabilities.length);
  for (const capability of capabilities) {
    expect(capability.requestsPerSecond).toBeGreaterThan(0);
    expect(capability.intervalMs).toBeGreaterThan(0);
    if (!('spanMs' in capability)) continue;
    expect(capability.spanMs).toBeGreaterThan(capability.periodMs);
    expect(capability.retentionMs).toBeGreaterThanOrEqual(capability.spanMs);
  }
});
