import { expect, test } from 'vitest';
import { pushTargetKeyOf } from '../../src/model/target.ts';
import type { RecordCache } from '../../src/polling/record-cache.ts';
import { createObservedRecordCache, namedRecord } from '../support/record-cache.ts';
import { noon } from '../support/samples.ts';

const dayMs = 86_400_000;

test('freezes a record that is not watched, and keeps it in memory while requests can be in progress', async () => {
  const { cache, events } = createObservedRecordCache();
  for (const name of ['watched', 'left']) cache.put(namedRecord(name, 1));
  await cache.flush(noon);
  events.length = 0;

  cache.retainOnly(new Set([pushTargetKeyOf('watched')]), noon, dayMs);
  await cache.flush(noon);
  await maintain(cache, noon, noon + 299_000);

  expect(events).toEqual(['saved left 1', 'published left 1']);
  expect(cache.record(pushTargetKeyOf('left'))?.frozenAt).toBe(noon);
});

test('moves a frozen record to the disk when everything that was saved of it is compacted', async () => {
  const { cache, events, store } = createObservedRecordCache();
  cache.put(namedRecord('left', 1));
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
  const { cache, events, store } = createObservedRecordCache();
  cache.put(namedRecord('left', 1));
  cache.retainOnly(new Set(), noon, dayMs);
  await cache.flush(noon);
  await cache.maintain(noon);
  [store.oldest, store.next] = [2, 2];
  cache.put({ ...namedRecord('left', 2), frozenAt: noon });
  await cache.flush(noon + 1000);
  events.length = 0;

  await maintain(cache, noon + 1000, noon + 302_000);

  expect(events).toEqual([]);
  [store.oldest, store.next] = [3, 3];
  await cache.maintain(noon + 303_000);
  expect(events).toEqual(['frozen push_stats left', 'evicted push_stats left']);
});

test('saves a record again that is damaged on disk although it does not change, and keeps it until then', async () => {
  const { cache, events, disk, store } = createObservedRecordCache();
  for (const name of ['watched', 'left']) cache.put(namedRecord(name, 1));
  cache.retainOnly(new Set([pushTargetKeyOf('watched')]), noon, dayMs);
  await cache.flush(noon);
  await maintain(cache, noon, noon + 300_000);
  events.length = 0;
  [store.oldest, store.next] = [2, 2];
  store.lost = ['watched', 'left', 'unknown'].map(pushTargetKeyOf);

  await cache.maintain(noon + 301_000);
  disk.full = true;
  await cache.flush(noon + 302_000);
  disk.full = false;
  await cache.flush(noon + 303_000);
  await cache.flush(noon + 304_000);
  await cache.maintain(noon + 304_000);

  expect(events.filter((event) => !event.startsWith('published'))).toEqual([
    'failed disk full',
    'saved watched 1',
    'saved left 1',
  ]);
  [store.oldest, store.next] = [3, 3];
  await cache.maintain(noon + 305_000);
  expect(events.slice(-2)).toEqual(['frozen push_stats left', 'evicted push_stats left']);
});

test('saves a frozen record again whose row is damaged, before it leaves the memory', async () => {
  const damaged = ['left'].map(pushTargetKeyOf);
  const { cache, events, store } = createObservedRecordCache({ freeze: async () => damaged.splice(0) });
  for (const name of ['left', 'other']) cache.put(namedRecord(name, 1));
  cache.retainOnly(new Set(), noon, dayMs);
  await cache.flush(noon);
  await maintain(cache, noon, noon + 300_000);
  events.length = 0;
  [store.oldest, store.next] = [2, 2];

  await cache.maintain(noon + 301_000);
  expect(events).toEqual(['evicted push_stats other']);
  await cache.flush(noon + 302_000);
  await cache.maintain(noon + 302_000);
  expect(events.slice(1)).toEqual(['saved left 1', 'published left 1']);
  expect(store.work.at(-1)?.isUrgent).toBe(true);
  [store.oldest, store.next] = [3, 3];
  await cache.maintain(noon + 303_000);

  expect(events.slice(3)).toEqual(['evicted push_stats left']);
});

test('keeps a frozen record in memory that cannot be saved, or whose target returns', async () => {
  const { cache, events, disk, store } = createObservedRecordCache();
  store.oldest = 2;
  for (const name of ['unsaved', 'back']) cache.put(namedRecord(name, 1));
  cache.retainOnly(new Set(), noon, dayMs);
  await cache.flush(noon);
  disk.full = true;
  cache.put({ ...namedRecord('unsaved', 2), frozenAt: noon });
  await cache.flush(noon);
  await cache.load([pushTargetKeyOf('back')], noon);
  events.length = 0;

  await maintain(cache, noon, noon + 400_000);

  expect(events).toEqual([]);
  expect(cache.record(pushTargetKeyOf('unsaved'))).toBeDefined();
  expect(cache.record(pushTargetKeyOf('back'))).toBeDefined();
});

test('keeps a record whose target returns while the disk freezes it', async () => {
  const returned = { ...namedRecord('left', 1), frozenAt: undefined };
  const { cache, events, store } = createObservedRecordCache({
    freeze: async () => {
      await cache.load([returned.targetKey], noon);
      cache.put(returned);
      return [];
    },
  });
  store.oldest = 2;
  cache.put(namedRecord('left', 1));
  cache.retainOnly(new Set(), noon, dayMs);
  await cache.flush(noon);

  await maintain(cache, noon, noon + 302_000);

  expect(cache.record(returned.targetKey)).toEqual(returned);
  expect(events).not.toContain('evicted push_stats left');
});

test('freezes records on disk that no target uses after the start', async () => {
  const onDisk = Array.from({ length: 501 }, (_, i) => pushTargetKeyOf(`s${String(i).padStart(3, '0')}`));
  const frozen: string[] = [];
  const { cache } = createObservedRecordCache({
    load: async () => [namedRecord('s007', 1)],
    async freeze(keys) {
      frozen.push(...keys);
      return [];
    },
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
  const { cache, store } = createObservedRecordCache();
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

test('does not publish a record that is frozen during the write of its batch', async () => {
  const { cache, events } = createObservedRecordCache({
    saveBatch: async () => cache.retainOnly(new Set(), noon, dayMs),
  });
  cache.put(namedRecord('news', 5));

  await cache.flush(noon);

  expect(events).toEqual([]);
  expect(cache.record(pushTargetKeyOf('news'))?.frozenAt).toBe(noon);
});

test('freezes single records, and lists the keys of those that are not frozen', async () => {
  const onDisk = ['a 1', 'a 2', 'a 3', 'b'].map(pushTargetKeyOf);
  const { cache, events } = createObservedRecordCache({
    load: async () => [namedRecord('a 1', 1), namedRecord('a 2', 2)],
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

/** Calls `maintain` once a minute. */
async function maintain(cache: RecordCache, from: number, to: number): Promise<void> {
  for (let now = from; now <= to; now += 60_000) await cache.maintain(now);
}
