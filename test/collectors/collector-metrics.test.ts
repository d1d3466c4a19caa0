import { expect, test } from 'vitest';
import { createCollectorMetrics } from '../../src/collectors/collector-metrics.ts';

const labels = { account: 't', provider: 'p' };

function setUp() {
  const calls: object[] = [];
  const values = { changes: 0, perSecond: 20, clockBehindMs: 0, lagMs: 0, publishersDropped: 0 };
  const setMetrics = createCollectorMetrics({
    metrics: { setBudget: () => {}, setCollector: (_labels, state) => void calls.push(state) },
    operation: { ...labels, operation: 'op' },
    collector: { ...labels, collector: 'push_stats' },
    poller: {
      changes: () => values.changes,
      state: () => ({
        targets: 1,
        failing: 0,
        lastSuccessAt: undefined,
        effectiveIntervalMs: 5_000,
        lastRunMs: 20,
        isMakingProgress: true,
      }),
    },
    perSecond: () => values.perSecond,
    ownState: () => ({ ...values, newestSampleAt: 7 }),
  });
  return { calls, values, setMetrics };
}

test('sets the metrics of an idle collector once', () => {
  const { calls, setMetrics } = setUp();
  for (let second = 0; second < 60; second++) setMetrics();

  expect(calls).toEqual([
    expect.objectContaining({ targets: 1, intervalMs: 5_000, runDurationMs: 20, newestSampleAt: 7 }),
  ]);
});

test.each(['changes', 'perSecond'] as const)('sets the metrics again when %s changes', (name) => {
  const { calls, values, setMetrics } = setUp();
  setMetrics();
  values[name]++;
  setMetrics();
  setMetrics();

  expect(calls).toHaveLength(2);
});

test.each(['clockBehindMs', 'lagMs', 'publishersDropped'] as const)(
  'sets the metrics each second while %s is above 0, and then once more',
  (name) => {
    const { calls, values, setMetrics } = setUp();
    values[name] = 1_000;
    for (let second = 0; second < 3; second++) setMetrics();
    values[name] = 0;
    for (let second = 0; second < 3; second++) setMetrics();

    expect(calls).toHaveLength(4);
    expect(calls.at(-1)).toMatchObject({ [name]: 0 });
  },
);
