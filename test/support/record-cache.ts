import { newPushRecord, type PushRecord } from '../../src/model/push-record.ts';
import type { PublishedRecord } from '../../src/model/saved-record.ts';
import { pushTargetKeyOf } from '../../src/model/target.ts';
import {
  createRecordCache,
  type RecordCache,
  type RecordCacheParts,
} from '../../src/polling/record-cache.ts';
import { noon, pushTarget } from './samples.ts';

/** Creates a record cache that saves and publishes nothing. */
export function createDisklessRecordCache(): RecordCache {
  return createRecordCache(disklessParts);
}

/** Parts of a record cache without a disk. */
export const disklessParts: RecordCacheParts = {
  load: async () => [],
  saveBatch: async () => {},
  freeze: async () => [],
  onEvicted: () => {},
  liveKeys: async () => [],
  maintainStore: async () => ({ oldest: 1, next: 1, isExpiring: false, lost: [] }),
  publish: () => {},
  onSaved: () => {},
  onUnpublished: (error) => {
    throw error;
  },
  onFailed: () => {},
  yieldNow: async () => {},
};

type MaintenanceWork = Parameters<RecordCacheParts['maintainStore']>[0];

/** Creates a record cache whose disk is faked, and lists what it saves, publishes and evicts. */
export function createObservedRecordCache(parts: Partial<RecordCacheParts> = {}) {
  const events: string[] = [];
  const batches: number[] = [];
  const disk = { full: false };
  const store = {
    work: [] as MaintenanceWork[],
    oldest: 1,
    next: 1,
    isExpiring: false,
    lost: [] as string[],
  };
  const yields = { count: 0 };
  const addEvent = (event: string, saved: PublishedRecord) => {
    const samples = saved.question === 'push_stats' ? saved.push.totals.samples : '';
    events.push(`${event} ${nameOf(saved)} ${samples}`);
  };
  const cache = createRecordCache({
    ...disklessParts,
    saveBatch: async (changes) => {
      if (disk.full) throw new Error('disk full');
      batches.push([...changes].length);
      for (const { record: saved } of changes) addEvent('saved', saved);
    },
    freeze: async (keys) => {
      events.push(`frozen ${keys}`);
      return [];
    },
    onEvicted: (keys) => keys.length > 0 && events.push(`evicted ${keys}`),
    maintainStore: async (work) => {
      store.work.push(work);
      const { oldest, next, isExpiring } = store;
      return { oldest, next, isExpiring, lost: store.lost.splice(0) };
    },
    publish: (saved) => addEvent('published', saved),
    onFailed: (error) => events.push(`failed ${(error as Error).message}`),
    yieldNow: async () => {
      yields.count++;
    },
    ...parts,
  });
  return { cache, events, batches, disk, store, yields };
}

/** Returns the record of a push target with this name and number of samples. */
export function namedRecord(name: string, samples: number): PushRecord {
  const { push, ...started } = newPushRecord(pushTarget(), noon);
  return {
    ...started,
    targetKey: pushTargetKeyOf(name),
    streamKey: name,
    push: { ...push, totals: { ...push.totals, samples } },
  };
}

/** Returns the name of a push record, or the key of another one. */
export function nameOf(saved: PublishedRecord): string {
  return saved.question === 'push_stats' ? saved.streamKey : saved.targetKey;
}
