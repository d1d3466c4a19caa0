import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '../../src/clock.ts';
import { countActions, newControlRecord, nextControlStep } from '../../src/model/control-record.ts';
import { countAnswer, newPushRecord } from '../../src/model/push-record.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import { nextStep } from '../../src/model/push-window.ts';
import { controlTargetKey, type PushTarget, pushTargetKey } from '../../src/model/target.ts';
import { dayMs, hourMs, secondMs } from '../../src/model/time.ts';
import { createRecordCache } from '../../src/polling/record-cache.ts';
import { createStateClient } from '../../src/store/state-client.ts';
import { createStorageThread } from '../../src/store/storage-thread.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { disklessParts } from '../support/record-cache.ts';
import { noon, pushSample, pushTarget, streamId } from '../support/samples.ts';
import { watchPauses } from './pauses.ts';

/** Records that are counted, saved and loaded as by the program, without requests and without series. */
export type Saving = Awaited<ReturnType<typeof createSaving>>;

const { yieldNow } = systemClock;
const pushLimits = { spanMs: 2 * hourMs, retentionMs: 3 * dayMs, periodMs: 5 * secondMs };
const controlLimits = { spanMs: 7 * dayMs, retentionMs: 7 * dayMs };
/**
 * Real time in ms before each save. The program is idle for most of the second between two saves, in which V8 finishes
 * the marking that the garbage of counting has started.
 */
const idleMs = 10;
/** The newest samples appear this late. */
const delayMs = 8 * secondMs;

export async function createSaving() {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-saving-'));
  let opened = await open(directory, noon);
  let targets: readonly PushTarget[] = [];
  const keys: string[] = [];
  const domain = controlTarget();
  let action = 0;
  let perSecond = 0;
  let busyMs = 0;

  function recordOf(key: string) {
    const record = opened.cache.record(key);
    if (record === undefined) throw new Error(`no record of ${key}`);
    return record;
  }

  function addRecord(record: Parameters<typeof opened.cache.put>[0]): void {
    opened.cache.put(record);
    keys.push(record.targetKey);
  }

  /** Counts the actions from `from` to `to` (seconds after the start). Returns their number. */
  function actBetween(from: number, to: number): number {
    const record = recordOf(controlTargetKey(domain));
    if (record.question !== 'control_history') throw new Error('not the record of a domain');
    const now = noon + to * secondMs;
    const actions = [];
    const count = Math.round((to - from) * perSecond);
    for (let i = 0; i < count; i++) {
      const actedAt = noon + Math.floor(from + ((to - from) * i) / count) * secondMs;
      actions.push(controlAction({ actedAt, stream: `stream-${action++ % 5000}` }));
    }
    const step = nextControlStep(record, domain, controlLimits, now);
    const bounds = { now, actionLabels: new Set(['forbid']) };
    opened.cache.put(countActions(record, { ...step, isRescan: false }, domain, bounds, actions).record);
    return actions.length;
  }

  return {
    addStreams(count: number): void {
      targets = Array.from({ length: count }, (_, i) =>
        pushTarget({ stream: streamId({ stream: `channel-${i}` }), expectedDelayMs: 10 * secondMs }),
      );
      for (const target of targets) addRecord(newPushRecord(target, noon));
    },
    /** Counts the answers that are due in a second if each stream is polled every `everySeconds`. */
    answer(second: number, everySeconds: number): number {
      const now = noon + second * secondMs;
      const due = targets.filter((_, i) => i % everySeconds === second % everySeconds);
      for (const target of due) {
        const record = recordOf(pushTargetKey(target));
        if (record.question !== 'push_stats') throw new Error('not the record of a stream');
        const step = nextStep(record.target, target, pushLimits, now);
        const samples = samplesOf(step.window.from, now - delayMs);
        opened.cache.put(countAnswer(record, step, target, pushLimits, now, samples).record);
      }
      return due.length;
    },
    /** Adds a domain with the actions of a day. */
    addDomain(perDay: number): void {
      perSecond = (perDay * secondMs) / dayMs;
      addRecord(newControlRecord(domain, noon - dayMs));
      actBetween(-dayMs / secondMs, 0);
    },
    /** Counts the actions of the 30 s before a second. */
    act: (second: number): number => actBetween(second - 30, second),
    /** Saves what was counted, as the program does once a second. */
    async save(second: number): Promise<void> {
      const now = noon + second * secondMs;
      // Simulated time produces the garbage of hours within seconds. Without this, collections of the garbage of
      // counting fall into the measured saves.
      globalThis.gc?.({ type: 'minor' });
      await setTimeout(idleMs);
      const pauses = watchPauses();
      await opened.cache.flush(now);
      await opened.cache.maintain(now);
      busyMs = Math.max(busyMs, pauses.stop().busyMs);
    },
    /** Collects all garbage, also that of counting. */
    collectGarbage(): void {
      globalThis.gc?.();
    },
    async fold(): Promise<void> {
      for (const isUrgent of [true, false, false]) {
        await opened.client.maintain({ at: noon, expireBefore: undefined, isUrgent });
      }
    },
    /** Starts the measurement of the saves, without the garbage of before. */
    resetBusy(): void {
      globalThis.gc?.();
      busyMs = 0;
    },
    longestBusyMs: () => busyMs,
    writtenBytes,
    /** Closes and opens the state, so that no record is in memory. */
    async restart(): Promise<void> {
      await opened.client.close();
      opened = await open(directory, noon);
    },
    /** Reads all records. Returns the longest time for which that blocked the event loop, in ms of CPU. */
    async load(): Promise<number> {
      globalThis.gc?.();
      const pauses = watchPauses();
      for (let i = 0; i < keys.length; i += 500) await opened.cache.load(keys.slice(i, i + 500), noon);
      return pauses.stop().busyMs;
    },
    async [Symbol.asyncDispose]() {
      await opened.client.close();
      rmSync(directory, { recursive: true });
    },
  };
}

async function open(directory: string, now: number) {
  const port = createStorageThread(() => undefined);
  await port.call('open', { directory, now, pid: process.pid, startedAt: '' });
  const client = createStateClient(port, yieldNow);
  const cache = createRecordCache({
    ...disklessParts,
    load: async (keys, at) => (await client.load(keys, at)).records,
    saveBatch: client.save,
    maintainStore: client.maintain,
    onFailed(error) {
      throw error;
    },
    yieldNow,
  });
  return { client, cache };
}

function samplesOf(from: number, to: number): PushSample[] {
  const samples: PushSample[] = [];
  const { periodMs } = pushLimits;
  for (let at = Math.ceil(from / periodMs) * periodMs; at <= to; at += periodMs) {
    const number = at / periodMs;
    const framesPerSecond = 25 + (number % 7) / 10;
    samples.push(
      pushSample({ measuredAt: at, framesPerSecond, bitsPerSecond: 2e6 + ((number * 7919) % 1e5) }),
    );
  }
  return samples;
}

/**
 * Returns the bytes that this process has sent to the disk, in whole pages of the page cache. Throws on systems
 * other than Linux, and if the temporary directory is in memory.
 */
function writtenBytes(): number {
  const bytes = /^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1];
  if (bytes === undefined || bytes === '0')
    throw new Error('nothing is written to a disk; set TMPDIR to one');
  return Number(bytes);
}
