import { expect, test } from 'vitest';
import { createControlRecords, startOrResumeControl } from '../../src/model/saved-record.ts';
import type { Window } from '../../src/model/time.ts';
import { createControlRun, toControlPollTarget } from '../../src/polling/control-history.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { createDisklessCache } from '../support/record-cache.ts';
import { noon } from '../support/samples.ts';

const target = controlTarget();
/** A window begins so long before the watermark. */
const reachMs = target.expectedDelayMs + target.lookbackMs;

function setUp() {
  const cache = createDisklessCache();
  const first = startOrResumeControl(undefined, target, noon);
  cache.put(first);
  const asked: Window[] = [];
  const waiting: number[] = [];
  const run = createControlRun({
    source: () => ({
      operation: 'ListActions',
      limits: { spanMs: 7 * 86_400_000, retentionMs: 7 * 86_400_000 },
      // Told without its application, as if it were the one that is asked about.
      async listControlActions({ appName = '' }, window) {
        asked.push(window);
        return {
          items: [controlAction({ appName, actedAt: window.to - 60_000 })],
          malformed: 0,
          warnings: [],
        };
      },
    }),
    cache,
    records: createControlRecords(() => ({ actionLabels: new Set(), freeStreams: 10 })),
  });
  const record = () => {
    const held = cache.record(first.targetKey);
    if (held?.question !== 'control_history') throw new Error('the record is gone');
    return held;
  };
  return {
    comeBack: (frozenAt: number, now: number) =>
      cache.put(startOrResumeControl({ ...record(), frozenAt }, target, now)),
    asked,
    waiting,
    record,
    run: (now: number, about = target) =>
      run(toControlPollTarget(about), now, new AbortController().signal, {
        counted: () => {},
        paused: (_, until) => waiting.push(until),
        effectiveIntervalMs: () => 5000,
        configuredIntervalMs: () => 5000,
      }),
  };
}

test('a clock set back behind what was asked is told, and nothing is asked', async () => {
  const { run, record, asked, waiting } = setUp();
  await run(noon);
  const before = record();

  expect(await run(noon - 2 * reachMs)).toEqual({ isBehind: false, wasSkipped: true });

  expect(record()).toBe(before);
  expect(asked).toHaveLength(1);
  expect(waiting).toEqual([noon - reachMs]);
});

test('begun by a clock that was ahead, and never asked, it begins anew, and only then', async () => {
  const { run, record, asked, waiting } = setUp();
  const now = noon - 2 * 86_400_000;

  await run(now);
  expect(record().target).toEqual({ watermark: now - reachMs, floor: now - reachMs, seen: [] });
  await run(now);

  expect(asked).toEqual([{ from: now - reachMs, to: now }]);
  expect(record().domain.actions.forbid?.count).toBe(1);
  expect(waiting).toEqual([]);
});

test('what was counted under one application is not counted again under another', async () => {
  const { run, record } = setUp();
  await run(noon);

  await run(noon, controlTarget({ appName: 'live' }));
  await run(noon);

  expect(record().domain.actions.forbid?.count).toBe(1);
  expect(record().appName).toBe('');
});

test('back by a clock that was ahead, it comes back anew, and what it is away for is counted with an answer', async () => {
  const { run, record, asked, waiting, comeBack } = setUp();
  await run(noon);
  comeBack(noon, noon + 2 * 86_400_000);
  const now = noon + 3_600_000;

  await run(now);
  expect(record().target.watermark).toBe(noon);
  expect(record().domain.gapMs).toBe(0);
  await run(now);

  expect(asked.slice(1)).toEqual([{ from: now - reachMs, to: now }]);
  expect(record().target).toMatchObject({ watermark: now, floor: now - reachMs, backFrom: undefined });
  expect(record().domain.gapMs).toBe(3_600_000 - reachMs);
  expect(waiting).toEqual([]);
});
