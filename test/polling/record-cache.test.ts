import { expect, test } from 'vitest';
import { type ControlRecord, newControlRecord } from '../../src/model/control-record.ts';
import { newPushLedger } from '../../src/model/push-ledger.ts';
import { newPushRecord, type PushRecord } from '../../src/model/push-record.ts';
import type { SavedRecord } from '../../src/model/saved-record.ts';
import { pushTargetKeyOf } from '../../src/model/target.ts';
import {
  createRecordCache,
  type RecordCache,
  type RecordCacheParts,
} from '../../src/polling/record-cache.ts';
import { controlTarget } from '../support/actions.ts';
import { settle } from '../support/manual-clock.ts';
import { disklessParts } from '../support/record-cache.ts';
import { noon, pushTarget } from '../support/samples.ts';

type MaintenanceWork = Parameters<RecordCacheParts['maintainStore']>[0];

test('publishes a record after it is saved, never before', async () => {
  const { cache, events } = createParts();

  cache.put(record('news', 5));
  expect(events).toEqual([]);
  await cache.flush(noon);

  expect(events).toEqual(['saved news 5', 'published news 5']);
});

test('neither saves nor publishes an unchanged record again', async () => {
  const { cache, events } = createParts();
  const news = record('news', 5);
  cache.put(news);
  await cache.flush(noon);

  cache.put(news);
  await cache.flush(noon + 1000);

  expect(events).toEqual(['saved news 5', 'published news 5']);
});

test('passes the version on disk of a changed record to the store', async () => {
  const restored = controlRecord(1);
  const savedVersions: (SavedRecord | undefined)[] = [];
  const { cache } = createParts({
    load: async () => [restored],
    saveBatch: async (changes) => void savedVersions.push(...[...changes].map(({ saved }) => saved)),
  });
  await cache.load([restored.targetKey], noon);
  const next = controlRecord(2);
  cache.put(next);
  cache.put(record('sport', 1));
  await cache.flush(noon);

  cache.put(controlRecord(3));
  cache.put(record('sport', 2));
  await cache.flush(noon);

  expect(savedVersions).toEqual([restored, undefined, next, record('sport', 1)]);
});

test('reads only the records that are not in the cache', async () => {
  const { cache, events } = createParts({
    load: async (targetKeys) => {
      events.push(`loaded ${targetKeys}`);
      return [record('sport', 3)];
    },
  });
  cache.put(record('news', 5));

  await cache.load([pushTargetKeyOf('news'), pushTargetKeyOf('sport'), pushTargetKeyOf('new')], noon);
  await cache.load([pushTargetKeyOf('news'), pushTargetKeyOf('sport')], noon);

  expect(events).toEqual(['loaded push_stats sport,push_stats new']);
  expect(cache.record(pushTargetKeyOf('sport'))).toEqual(record('sport', 3));
  expect(cache.record(pushTargetKeyOf('new'))).toBeUndefined();
});

test('neither saves nor publishes a push record that is put again with equal content', async () => {
  const { cache, events } = createParts({ load: async () => [record('news', 5)] });
  await cache.load([pushTargetKeyOf('news')], noon);

  cache.put(record('news', 5));
  await cache.flush(noon);
  expect(events).toEqual([]);

  cache.put({ ...record('news', 5), frozenAt: noon });
  await cache.flush(noon);
  expect(events).toEqual(['saved news 5', 'published news 5']);
});

test('saves and publishes a push record of several streams, and recognizes it by reference', async () => {
  const several = { ...record('news', 5), streams: new Map([['sport', newPushLedger(noon)]]) };
  const { cache, events } = createParts({ load: async () => [several] });
  await cache.load([several.targetKey], noon);

  cache.put(several);
  await cache.flush(noon);
  expect(events).toEqual([]);

  const newer = { ...several, frozenAt: noon };
  cache.put(newer);
  await cache.flush(noon);
  expect(cache.record(several.targetKey)).toBe(newer);
  expect(cache.progress(several.targetKey)).toEqual(newer.target);
  expect(events).toEqual(['saved news 5', 'published news 5']);
});

test('rejects a flush whose publish throws, and the next flush works', async () => {
  const published: string[] = [];
  const { cache } = createParts({
    publish(saved) {
      if (nameOf(saved) === 'news') throw new Error('a bug');
      published.push(nameOf(saved));
    },
  });
  cache.put(record('news', 5));
  await expect(cache.flush(noon)).rejects.toThrow('a bug');

  cache.put(record('sport', 5));
  expect(await cache.flush(noon)).toBe(true);
  expect(published).toEqual(['sport']);
});

test('publishes and reports a failed save, and retries it with the next flush', async () => {
  const { cache, events, disk } = createParts();
  cache.put(record('news', 5));
  disk.full = true;

  expect(await cache.flush(noon)).toBe(false);
  disk.full = false;
  expect(await cache.flush(noon + 1000)).toBe(true);

  expect(events).toEqual(['failed disk full', 'published news 5', 'saved news 5', 'published news 5']);
});

test('saves many records in batches, and yields while it prepares and publishes them', async () => {
  const { cache, batches, yields } = createParts();
  for (let i = 0; i < 4500; i++) cache.put(record(`s${i}`, 1));

  await cache.flush(noon);

  expect(batches).toEqual([2000, 2000, 500]);
  expect(yields.count).toBe(84);
});

test('saves a record that changes during a flush with the next flush', async () => {
  const { cache, events } = createParts();
  for (let i = 0; i < 401; i++) cache.put(record(`s${i}`, 1));

  const saving = cache.flush(noon);
  await Promise.resolve();
  cache.put(record('s0', 9));
  await saving;
  expect(events).not.toContain('published s0 9');
  await cache.flush(noon);

  expect(events.at(-1)).toBe('published s0 9');
});

test('reads one list of records at a time, and never a record that another call has just read', async () => {
  const reads: (readonly string[])[] = [];
  let running = 0;
  const { cache } = createParts({
    load: async (keys) => {
      reads.push(keys);
      running++;
      await settle();
      expect(running--).toBe(1);
      return keys.map((targetKey) => ({ ...record('', 1), targetKey }));
    },
  });
  const [news, sport, weather] = ['news', 'sport', 'weather'].map(pushTargetKeyOf) as [
    string,
    string,
    string,
  ];

  const first = cache.load([news, sport], noon).then(() => cache.put(record('news', 2)));
  await Promise.all([first, cache.load([news, weather], noon)]);

  expect(reads).toEqual([[news, sport], [weather]]);
  expect(cache.record(news)).toEqual(record('news', 2));
});

test('freezes a record that is not watched, and keeps it in memory while requests can be in progress', async () => {
  const { cache, events } = createParts();
  for (const name of ['watched', 'left']) cache.put(record(name, 1));
  await cache.flush(noon);
  events.length = 0;

  cache.retainOnly(new Set([pushTargetKeyOf('watched')]), noon, dayMs);
  await cache.flush(noon);
  await maintain(cache, noon, noon + 299_000);

  expect(events).toEqual(['saved left 1', 'published left 1']);
  expect(cache.record(pushTargetKeyOf('left'))?.frozenAt).toBe(noon);
});

test('moves a frozen record to the disk when everything that was saved of it is compacted', async () => {
  const { cache, events, store } = createParts();
  cache.put(record('left', 1));
  cache.retainOnly(new Set(), noon, dayMs);
  await cache.flush(noon);
  await maintain(cache, noon, noon + 300_000);
  events.length = 0;

  await cache.maintain(noon + 301_000);
  expect(store.work.at(-1)).toEqual({ at: noon + 301_000, expireBefore: undefined, isUrgent: true });
  expect(cache.record(pushTargetKeyOf('left'))).toBeDefined();
  store.oldest = 2;
  await cache.maintain(noon + 302_000);

  expect(events).toEqual(['frozen push_stats left', 'evicted push_stats left']);
  expect(cache.record(pushTargetKeyOf('left'))).toBeUndefined();
  await cache.maintain(noon + 303_000);
  expect(store.work.at(-1)?.isUrgent).toBe(false);
});

test('keeps a frozen record in memory until a change that was saved later is compacted too', async () => {
  const { cache, events, store } = createParts();
  cache.put(record('left', 1));
  cache.retainOnly(new Set(), noon, dayMs);
  await cache.flush(noon);
  await cache.maintain(noon);
  [store.oldest, store.next] = [2, 2];
  cache.put({ ...record('left', 2), frozenAt: noon });
  await cache.flush(noon + 1000);
  events.length = 0;

  await maintain(cache, noon + 1000, noon + 302_000);

  expect(events).toEqual([]);
  [store.oldest, store.next] = [3, 3];
  await cache.maintain(noon + 303_000);
  expect(events).toEqual(['frozen push_stats left', 'evicted push_stats left']);
});

test('keeps a frozen record in memory that cannot be saved, or whose target returns', async () => {
  const { cache, events, disk, store } = createParts();
  store.oldest = 2;
  for (const name of ['unsaved', 'back']) cache.put(record(name, 1));
  cache.retainOnly(new Set(), noon, dayMs);
  await cache.flush(noon);
  disk.full = true;
  cache.put({ ...record('unsaved', 2), frozenAt: noon });
  await cache.flush(noon);
  await cache.load([pushTargetKeyOf('back')], noon);
  events.length = 0;

  await maintain(cache, noon, noon + 400_000);

  expect(events).toEqual([]);
  expect(cache.record(pushTargetKeyOf('unsaved'))).toBeDefined();
  expect(cache.record(pushTargetKeyOf('back'))).toBeDefined();
});

test('keeps a record whose target returns while the disk freezes it', async () => {
  const returned = { ...record('left', 1), frozenAt: undefined };
  const { cache, events, store } = createParts({
    freeze: async () => {
      await cache.load([returned.targetKey], noon);
      cache.put(returned);
    },
  });
  store.oldest = 2;
  cache.put(record('left', 1));
  cache.retainOnly(new Set(), noon, dayMs);
  await cache.flush(noon);

  await maintain(cache, noon, noon + 302_000);

  expect(cache.record(returned.targetKey)).toEqual(returned);
  expect(events).not.toContain('evicted push_stats left');
});

test('freezes records on disk that no target uses after the start', async () => {
  const onDisk = Array.from({ length: 501 }, (_, i) => pushTargetKeyOf(`s${String(i).padStart(3, '0')}`));
  const frozen: string[] = [];
  const { cache } = createParts({
    load: async () => [record('s007', 1)],
    freeze: async (keys) => void frozen.push(...keys),
    liveKeys: async (after, limit) => onDisk.filter((key) => key > after).slice(0, limit),
  });
  await cache.maintain(noon);
  expect(frozen).toEqual([]);
  await cache.load([pushTargetKeyOf('s007')], noon);
  cache.retainOnly(new Set([pushTargetKeyOf('s007')]), noon, dayMs);

  for (let second = 1; second < 5; second++) await cache.maintain(noon + second * 1000);

  expect(frozen).toEqual(onDisk.filter((key) => key !== pushTargetKeyOf('s007')));
});

test('lets the store delete expired records every ten minutes, and until all of them are deleted', async () => {
  const { cache, store } = createParts();
  await cache.maintain(noon);
  cache.retainOnly(new Set(), noon, dayMs);
  store.isExpiring = true;
  await cache.maintain(noon);
  store.isExpiring = false;
  for (let minute = 1; minute <= 12; minute++) await cache.maintain(noon + minute * 60_000);

  const expiry = store.work.flatMap(({ expireBefore }, i) =>
    expireBefore === undefined ? [] : [[i, expireBefore]],
  );
  expect(expiry).toEqual([
    [1, noon - dayMs],
    [2, noon - dayMs + 60_000],
    [12, noon - dayMs + 11 * 60_000],
  ]);
});

test('saves a record again if it is replaced during the write of its batch', async () => {
  const written: SavedRecord[] = [];
  const { cache, events } = createParts({
    saveBatch: async (changes) => {
      cache.put(newer);
      written.push(...[...changes].map(({ record }) => record));
    },
  });
  const newer = record('news', 6);
  cache.put(record('news', 5));

  await cache.flush(noon);
  await cache.flush(noon + 1000);

  expect(written).toEqual([record('news', 5), newer]);
  expect(events).toEqual(['published news 6']);
});

test('does not publish a record that is frozen during the write of its batch', async () => {
  const { cache, events } = createParts({
    saveBatch: async () => cache.retainOnly(new Set(), noon, dayMs),
  });
  cache.put(record('news', 5));

  await cache.flush(noon);

  expect(events).toEqual([]);
  expect(cache.record(pushTargetKeyOf('news'))?.frozenAt).toBe(noon);
});

test('reports a failure once per flush if one of several batches fails', async () => {
  const reports: string[] = [];
  const { cache } = createParts({
    saveBatch: async ([first]) => {
      if (first?.record.targetKey !== pushTargetKeyOf('s2000')) throw new Error('disk full');
    },
    onSaved: (now) => reports.push(`saved ${now - noon}`),
    onFailed: (error) => reports.push((error as Error).message),
  });
  for (let i = 0; i < 4500; i++) cache.put(record(`s${i}`, 1));

  expect(await cache.flush(noon)).toBe(false);

  expect(reports).toEqual(['disk full']);
});

function nameOf(saved: SavedRecord): string {
  return saved.question === 'push_stats' ? saved.streamKey : saved.targetKey;
}

function controlRecord(rescannedAt: number): ControlRecord {
  return { ...newControlRecord(controlTarget(), noon), rescannedAt };
}

const dayMs = 86_400_000;

/** Calls `maintain` once a minute. */
async function maintain(cache: RecordCache, from: number, to: number): Promise<void> {
  for (let now = from; now <= to; now += 60_000) await cache.maintain(now);
}

function record(name: string, samples: number): PushRecord {
  const { push, ...started } = newPushRecord(pushTarget(), noon);
  return {
    ...started,
    targetKey: pushTargetKeyOf(name),
    streamKey: name,
    push: { ...push, totals: { ...push.totals, samples } },
  };
}

function createParts(parts: Partial<RecordCacheParts> = {}) {
  const events: string[] = [];
  const batches: number[] = [];
  const disk = { full: false };
  const store = { work: [] as MaintenanceWork[], oldest: 1, next: 1, isExpiring: false };
  const yields = { count: 0 };
  const addEvent = (event: string, saved: SavedRecord) => {
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
    freeze: async (keys) => void events.push(`frozen ${keys}`),
    onEvicted: (keys) => keys.length > 0 && events.push(`evicted ${keys}`),
    maintainStore: async (work) => {
      store.work.push(work);
      const { oldest, next, isExpiring } = store;
      return { oldest, next, isExpiring };
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

test('freezes single records, and lists the keys of those that are not frozen', async () => {
  const onDisk = ['a 1', 'a 2', 'a 3', 'b'].map(pushTargetKeyOf);
  const { cache, events } = createParts({
    load: async () => [record('a 1', 1), record('a 2', 2)],
    liveKeys: async (after) => onDisk.filter((key) => key > after),
  });
  await cache.load(onDisk.slice(0, 2), noon);

  cache.freeze(pushTargetKeyOf('a 1'), noon);
  cache.freeze(pushTargetKeyOf('a 1'), noon + 1000);
  cache.freeze(pushTargetKeyOf('unknown'), noon);
  await cache.flush(noon);

  expect(events).toEqual(['saved a 1 1', 'published a 1 1']);
  expect(cache.record(pushTargetKeyOf('a 1'))?.frozenAt).toBe(noon);
  expect((await cache.activeKeys(pushTargetKeyOf('a '))).toSorted()).toEqual(onDisk.slice(1, 3));
});
