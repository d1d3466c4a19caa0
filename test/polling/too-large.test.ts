import { expect, test } from 'vitest';
import { ProviderError } from '../../src/model/answer.ts';
import type { ControlAction } from '../../src/model/control-action.ts';
import { newPushRecord } from '../../src/model/push-record.ts';
import { createControlRecords, startOrResumeControl } from '../../src/model/saved-record.ts';
import type { Window } from '../../src/model/time.ts';
import { createControlRun, toControlPollTarget } from '../../src/polling/control-history.ts';
import { createDataDelay } from '../../src/polling/data-delay.ts';
import { createPushRun, toPushPollTarget } from '../../src/polling/push-history.ts';
import { listWhole } from '../../src/polling/whole-answers.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { createDisklessRecordCache } from '../support/record-cache.ts';
import { noon, pushTarget } from '../support/samples.ts';

const secondMs = 1000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const target = controlTarget();

/** The provider has an action every ten seconds, the last one a minute ago. */
const everyMs = 10 * secondMs;
/** Actions that fit in a response: 100 minutes. */
const maxActions = 600;

const times = { at: ({ actedAt }: ControlAction) => actedAt, periodMs: () => 0 };

const tooLarge = () => new ProviderError('malformed', 'too large', { isTooLarge: true });

function actionsIn({ from, to }: Window, now: number): ControlAction[] {
  const first = Math.ceil(from / everyMs) * everyMs;
  const last = Math.min(to, now - 60 * secondMs);
  return Array.from({ length: Math.max(0, Math.floor((last - first) / everyMs) + 1) }, (_, i) =>
    controlAction({ actedAt: first + i * everyMs, stream: 'news' }),
  );
}

function setUp() {
  const cache = createDisklessRecordCache();
  const { targetKey } = startOrResumeControl(undefined, target, noon);
  cache.put(startOrResumeControl(undefined, target, noon));
  let now = noon;
  const requests: { readonly lengthMs: number; readonly isAnswered: boolean }[] = [];
  const { run, forget } = createControlRun({
    source: () => ({
      operation: 'ListActions',
      limits: { spanMs: 7 * dayMs, retentionMs: 7 * dayMs },
      async listControlActions(_, window) {
        const items = actionsIn(window, now);
        const isAnswered = items.length <= maxActions;
        requests.push({ lengthMs: window.to - window.from, isAnswered });
        if (!isAnswered) throw tooLarge();
        return { items, malformed: 0, warnings: [] };
      },
    }),
    cache,
    clock: { elapsed: () => now, yieldNow: async () => undefined },
    records: createControlRecords(() => ({ actionLabels: new Set() })),
  });
  return {
    requests,
    forget: () => forget(targetKey),
    poll(at: number) {
      now = at;
      return run(toControlPollTarget(target), now, new AbortController().signal, {
        counted: () => undefined,
        paused: () => undefined,
        effectiveIntervalMs: () => 30 * secondMs,
        configuredIntervalMs: () => 30 * secondMs,
      });
    },
    counted() {
      const record = cache.record(targetKey);
      return record?.question === 'control_history' ? record.domain.actions.forbid?.count : undefined;
    },
  };
}

/** Returns the number of actions since the first lookback. */
function expectedAt(now: number): number {
  const { expectedDelayMs, lookbackMs } = target;
  return actionsIn({ from: noon - expectedDelayMs - lookbackMs, to: now }, now).length;
}

test('counts each action of a domain whose rescans are too large for one response', async () => {
  const { poll, counted, requests } = setUp();

  for (let now = noon; now <= noon + 30 * hourMs; now += hourMs / 2) await poll(now);

  expect(counted()).toBe(expectedAt(noon + 30 * hourMs));
  // The halves of the first rescan that is too large fail once. Later rescans begin with parts that fit.
  expect(requests.filter(({ isAnswered }) => !isAnswered).length).toBeLessThan(12);
});

test('counts each action of a long outage: very long windows become shorter, others are split', async () => {
  const { poll, counted, requests } = setUp();
  await poll(noon);
  const back = noon + 6 * dayMs;

  const outcomes: string[] = [];
  for (let i = 0; i < 20 && outcomes.at(-1) !== 'current'; i++) {
    outcomes.push(
      await poll(back).then(
        ({ isBehind }) => (isBehind ? 'behind' : 'current'),
        () => 'failed',
      ),
    );
  }

  expect(outcomes.filter((outcome) => outcome === 'failed')).toHaveLength(1);
  expect(outcomes.at(-1)).toBe('current');
  expect(counted()).toBe(expectedAt(back));
  expect(requests.filter(({ isAnswered }) => isAnswered).every(({ lengthMs }) => lengthMs < 2 * hourMs)).toBe(
    true,
  );
});

test('forgets the parts that a removed domain needs', async () => {
  const { poll, forget, requests } = setUp();
  for (let now = noon; now <= noon + 25 * hourMs; now += hourMs) await poll(now);
  const lengthOfNext = async (at: number) => {
    requests.length = 0;
    await poll(at);
    return requests[0]?.lengthMs ?? 0;
  };
  expect(await lengthOfNext(noon + 26 * hourMs)).toBeLessThan(3 * hourMs);

  forget();

  expect(await lengthOfNext(noon + 27 * hourMs)).toBeGreaterThan(20 * hourMs);
});

test('forgets the parts that a removed stream needs', async () => {
  const lengths: number[] = [];
  const cache = createDisklessRecordCache();
  const stream = pushTarget();
  const { targetKey } = newPushRecord(stream, noon);
  cache.put(newPushRecord(stream, noon));
  const { run, forget } = createPushRun({
    source: () => ({
      operation: 'ListPushes',
      limits: { spanMs: 2 * hourMs, retentionMs: 3 * dayMs, periodMs: 5000 },
      async listPushSamples(_, { from, to }) {
        lengths.push((to - from) / 60_000);
        if (to - from > 6 * 60_000) throw tooLarge();
        return { items: [], malformed: 0, warnings: [] };
      },
    }),
    cache,
    delay: createDataDelay(() => undefined),
    clock: { elapsed: () => 0, yieldNow: async () => undefined },
    viewOf: () => undefined,
    onView: () => undefined,
  });
  /** Returns the lengths in minutes of the requests of the second poll, which looks far back. */
  const probe = async (at: number) => {
    for (const now of [at, at + 5000]) {
      lengths.length = 0;
      await run(toPushPollTarget(stream), now, new AbortController().signal, {
        counted: () => undefined,
        paused: () => undefined,
        effectiveIntervalMs: () => 5000,
        configuredIntervalMs: () => 5000,
      });
    }
    return lengths.map((length) => Math.round(length));
  };

  expect(await probe(noon)).toEqual([20, 10, 5, 5, 5, 5]);
  forget(targetKey);

  expect(await probe(noon + 10_000)).toEqual([20, 10, 5, 5, 5, 5]);
});

test('tries longer parts again after a day', async () => {
  let maxMs = 1 * hourMs;
  let now = 0;
  const lengths: number[] = [];
  const { request } = listWhole<string, ControlAction>(
    async (_, { from, to }) => {
      lengths.push(to - from);
      if (to - from > maxMs) throw tooLarge();
      return { items: [], malformed: 0, warnings: [] };
    },
    times,
    { maxSplitMs: () => 4 * dayMs, elapsed: () => now },
  );
  const list = async () => {
    lengths.length = 0;
    await request('key', 'target', { from: noon - 3 * hourMs, to: noon }, new AbortController().signal);
    return lengths.map((length) => Math.round((4 * length) / hourMs) / 4);
  };

  expect(await list()).toEqual([3, 1.5, 0.75, 0.75, 0.75, 0.75]);
  expect(await list()).toEqual([0.75, 0.75, 0.75, 0.75]);
  now = dayMs;
  maxMs = 3 * hourMs;
  await list();
  expect(await list()).toEqual([1.5, 1.5]);
});

test('fails if even a window of two minutes is too large, and if a long one shall become shorter', async () => {
  let requests = 0;
  const { request } = listWhole<string, ControlAction>(
    async () => {
      requests++;
      throw tooLarge();
    },
    times,
    { maxSplitMs: () => 10 * 60 * secondMs, elapsed: () => 0 },
  );
  const list = (minutes: number) =>
    request('key', 'target', { from: noon - minutes * 60_000, to: noon }, new AbortController().signal);

  await expect(list(2)).rejects.toThrow('too large');
  await expect(list(10)).rejects.toThrow('too large');
  expect(requests).toBe(2);
  await expect(list(9)).rejects.toThrow('too large');
});
