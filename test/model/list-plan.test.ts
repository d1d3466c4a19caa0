import { expect, test } from 'vitest';
import { type ListPlanInput, planLists } from '../../src/model/list-plan.ts';

const live = { key: 'live', staleAfterMs: 30_000 };
const input: ListPlanInput = {
  apps: [live],
  historyIntervalMs: 5_000,
  listIntervalMs: 60_000,
  listAgeMs: 0,
  listsPerSecond: 15,
};

const isListed = (part: Partial<ListPlanInput>) => planLists({ ...input, ...part }).listed.size > 0;

test.each([
  ['history is requested as often as a list', { historyIntervalMs: 60_000 }, false],
  ['history is requested less often than a list', { historyIntervalMs: 60_001 }, true],
  [
    'history is requested more often than stale_after',
    { historyIntervalMs: 80_000, apps: [{ ...live, staleAfterMs: 90_000 }] },
    false,
  ],
  [
    'history is requested less often than a long stale_after',
    { historyIntervalMs: 90_001, apps: [{ ...live, staleAfterMs: 90_000 }] },
    true,
  ],
  ['values in lists are older than history', { historyIntervalMs: 420_000, listAgeMs: 360_000 }, false],
  ['history is older than values in lists', { historyIntervalMs: 420_001, listAgeMs: 360_000 }, true],
  ['there are no targets', { apps: [], historyIntervalMs: 0 }, false],
])('decides whether an application is listed if %s', (_, part, expected) => {
  expect(isListed(part)).toBe(expected);
});

test('decides for each application by its own stale_after', () => {
  const patient = { key: 'patient', staleAfterMs: 300_000 };

  const { listed, intervalMs } = planLists({ ...input, apps: [live, patient], historyIntervalMs: 110_000 });

  expect([...listed]).toEqual(['live']);
  expect(intervalMs).toBe(60_000);
});

test('lists no application if the lists of all of them take longer than their history', () => {
  const apps = Array.from({ length: 2_000 }, (_, i) => ({ key: `app-${i}`, staleAfterMs: 30_000 }));

  const { listed, intervalMs } = planLists({ ...input, apps, historyIntervalMs: 110_000 });

  expect(Math.round(intervalMs / 1_000)).toBe(147);
  expect(listed.size).toBe(0);
});

test('keeps a decision while the interval changes a little', () => {
  const intervals = [59_000, 61_000, 59_000, 49_000, 47_000, 59_000, 61_000];
  let plan: ReturnType<typeof planLists> | undefined;

  const listed = intervals.map((historyIntervalMs) => {
    plan = planLists({ ...input, historyIntervalMs }, plan);
    return plan.listed.size;
  });

  expect(listed).toEqual([0, 1, 1, 1, 0, 0, 1]);
});
