import { expect, test } from 'vitest';
import { createControlRecords, startOrResumeControl } from '../../src/model/saved-record.ts';
import type { Window } from '../../src/model/time.ts';
import { createControlRun, toControlPollTarget } from '../../src/polling/control-history.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { createDisklessRecordCache } from '../support/record-cache.ts';
import { noon } from '../support/samples.ts';

const target = controlTarget();
/** Overlap of a window before the watermark. */
const totalLookbackMs = target.expectedDelayMs + target.lookbackMs;

function setUp() {
  const cache = createDisklessRecordCache();
  const first = startOrResumeControl(undefined, target, noon);
  cache.put(first);
  const windows: Window[] = [];
  const pausedUntil: number[] = [];
  const { run } = createControlRun({
    source: () => ({
      operation: 'ListActions',
      limits: { spanMs: 7 * 86_400_000, retentionMs: 7 * 86_400_000 },
      // Reports the requested application, as a source does for a row without one.
      async listControlActions({ appName = '' }, window) {
        windows.push(window);
        return {
          items: [controlAction({ appName, actedAt: window.to - 60_000 })],
          malformed: 0,
          warnings: [],
        };
      },
    }),
    cache,
    clock: { elapsed: () => 0, yieldNow: async () => undefined },
    records: createControlRecords(() => ({ actionLabels: new Set() })),
  });
  const record = () => {
    const held = cache.record(first.targetKey);
    if (held?.question !== 'control_history') throw new Error('no control record');
    return held;
  };
  return {
    resume: (frozenAt: number, now: number) =>
      cache.put(startOrResumeControl({ ...record(), frozenAt }, target, now)),
    windows,
    pausedUntil,
    record,
    run: (now: number, polled = target) =>
      run(toControlPollTarget(polled), now, new AbortController().signal, {
        counted: () => {},
        paused: (_, until) => pausedUntil.push(until),
        effectiveIntervalMs: () => 5000,
        configuredIntervalMs: () => 5000,
      }),
  };
}

test('pauses and sends no request while the clock is behind the floor', async () => {
  const { run, record, windows, pausedUntil } = setUp();
  await run(noon);
  const before = record();

  expect(await run(noon - 2 * totalLookbackMs)).toEqual({ isBehind: false, wasSkipped: true });

  expect(record()).toBe(before);
  expect(windows).toHaveLength(1);
  expect(pausedUntil).toEqual([noon - totalLookbackMs]);
});

test('restarts a record that was never polled after a clock setback, and only then', async () => {
  const { run, record, windows, pausedUntil } = setUp();
  const now = noon - 2 * 86_400_000;

  await run(now);
  expect(record().target).toEqual({
    watermark: now - totalLookbackMs,
    floor: now - totalLookbackMs,
    seen: [],
  });
  await run(now);

  expect(windows).toEqual([{ from: now - totalLookbackMs, to: now }]);
  expect(record().domain.actions.forbid?.count).toBe(1);
  expect(pausedUntil).toEqual([]);
});

test('counts an action once when the application of the target changes', async () => {
  const { run, record } = setUp();
  await run(noon);

  await run(noon, controlTarget({ appName: 'live' }));
  await run(noon);

  expect(record().domain.actions.forbid?.count).toBe(1);
  expect(record().appName).toBe('');
});

test('resumes again after a clock setback and counts the gap with the first answer', async () => {
  const { run, record, windows, pausedUntil, resume } = setUp();
  await run(noon);
  resume(noon, noon + 2 * 86_400_000);
  const now = noon + 3_600_000;

  await run(now);
  expect(record().target.watermark).toBe(noon);
  expect(record().domain.gapMs).toBe(0);
  await run(now);

  expect(windows.slice(1)).toEqual([{ from: now - totalLookbackMs, to: now }]);
  expect(record().target).toMatchObject({
    watermark: now,
    floor: now - totalLookbackMs,
    backFrom: undefined,
  });
  expect(record().domain.gapMs).toBe(3_600_000 - totalLookbackMs);
  expect(pausedUntil).toEqual([]);
});
