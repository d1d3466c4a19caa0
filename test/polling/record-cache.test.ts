import { expect, test } from 'vitest';
import { type ControlRecord, newControlRecord } from '../../src/model/control-record.ts';
import { newPushLedger } from '../../src/model/push-ledger.ts';
import { newPushRecord, type PushRecord } from '../../src/model/push-record.ts';
import type { SavedRecord } from '../../src/model/saved-record.ts';
import { pushTargetKeyOf } from '../../src/model/target.ts';
import { createRecordCache, type RecordCacheParts } from '../../src/polling/record-cache.ts';
import { controlTarget } from '../support/actions.ts';
import { noon, pushTarget } from '../support/samples.ts';

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

test('passes the version on disk of a domain to the store', async () => {
  const restored = controlRecord(1);
  const savedVersions: (SavedRecord | undefined)[] = [];
  const { cache } = createParts({
    records: [restored],
    saveBatch: async (changes) => void savedVersions.push(...changes.map(({ saved }) => saved)),
  });
  const next = controlRecord(2);
  cache.put(next);
  cache.put(record('sport', 1));
  await cache.flush(noon);

  cache.put(controlRecord(3));
  await cache.flush(noon);

  expect(savedVersions).toEqual([restored, undefined, next]);
});

test('neither saves nor publishes a push record that is put again with equal content', async () => {
  const { cache, events } = createParts({ records: [record('news', 5)] });

  cache.put(record('news', 5));
  await cache.flush(noon);
  expect(events).toEqual([]);

  cache.put({ ...record('news', 5), frozenAt: noon });
  await cache.flush(noon);
  expect(events).toEqual(['saved news 5', 'published news 5']);
});

test('saves and publishes a push record of several streams, and recognizes it by reference', async () => {
  const several = { ...record('news', 5), streams: new Map([['sport', newPushLedger(noon)]]) };
  const { cache, events } = createParts({ records: [several] });

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

test('saves many records in batches and yields in between', async () => {
  const { cache, batches, yields } = createParts();
  for (let i = 0; i < 450; i++) cache.put(record(`s${i}`, 1));

  await cache.flush(noon);

  expect(batches).toEqual([200, 200, 50]);
  expect(yields.count).toBe(2);
});

test('saves a record that changes during a flush with the next flush', async () => {
  const { cache, events } = createParts();
  for (let i = 0; i < 201; i++) cache.put(record(`s${i}`, 1));

  const saving = cache.flush(noon);
  await Promise.resolve();
  cache.put(record('s0', 9));
  await saving;
  expect(events).not.toContain('published s0 9');
  await cache.flush(noon);

  expect(events.at(-1)).toBe('published s0 9');
});

test('freezes a record that is not watched, keeps it for the retention, and then deletes it', async () => {
  const { cache, events } = createParts({
    records: [record('watched', 1), record('left', 2), frozenLongAgo],
  });

  cache.retainOnly(new Set([pushTargetKeyOf('watched')]), noon, 86_400_000);
  await cache.flush(noon);

  expect(events).toEqual(['deleted outdated', 'saved left 2', 'published left 2']);
  expect(cache.record(pushTargetKeyOf('left'))?.frozenAt).toBe(noon);
  expect(cache.record(pushTargetKeyOf('outdated'))).toBeUndefined();
});

test('deletes with the next flush what could not be deleted', async () => {
  const { cache, events, disk } = createParts({ records: [frozenLongAgo] });
  cache.retainOnly(new Set(), noon, 86_400_000);
  disk.full = true;
  expect(await cache.flush(noon)).toBe(false);

  disk.full = false;
  expect(await cache.flush(noon + 1000)).toBe(true);
  await cache.flush(noon + 2000);

  expect(events).toEqual(['failed disk full', 'deleted outdated']);
});

test('overwrites the old record of a target that returns before its deletion', async () => {
  const written: SavedRecord[] = [];
  const { cache, events } = createParts({
    records: [frozenLongAgo],
    saveBatch: async (changes) => void written.push(...changes.map(({ record }) => record)),
  });
  cache.retainOnly(new Set(), noon, 86_400_000);
  const restarted = record('outdated', 1);
  cache.put(restarted);

  await cache.flush(noon);

  expect(written).toEqual([restarted]);
  expect(events).toEqual(['published outdated 1']);
});

test('writes a domain completely if it returns during the deletion of its old record', async () => {
  const old = { ...controlRecord(1), frozenAt: noon - 86_400_001 };
  const restarted = controlRecord(2);
  const written: (readonly [SavedRecord, SavedRecord | undefined])[] = [];
  const { cache } = createParts({
    records: [old],
    remove: async () => cache.put(restarted),
    saveBatch: async (changes) =>
      void written.push(...changes.map(({ record, saved }) => [record, saved] as const)),
  });
  cache.retainOnly(new Set(), noon, 86_400_000);

  await cache.flush(noon);

  expect(written).toEqual([[restarted, undefined]]);
});

test('saves a record again if it is replaced during the write of its batch', async () => {
  const written: SavedRecord[] = [];
  const { cache, events } = createParts({
    saveBatch: async (changes, _, yieldNow) => {
      await yieldNow();
      written.push(...changes.map(({ record }) => record));
    },
    yieldNow: async () => cache.put(newer),
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
    saveBatch: async (_changes, _now, yieldNow) => yieldNow(),
    yieldNow: async () => cache.retainOnly(new Set(), noon, 86_400_000),
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
      if (first?.record.targetKey !== pushTargetKeyOf('s200')) throw new Error('disk full');
    },
    onSaved: (now) => reports.push(`saved ${now - noon}`),
    onFailed: (error) => reports.push((error as Error).message),
  });
  for (let i = 0; i < 450; i++) cache.put(record(`s${i}`, 1));

  expect(await cache.flush(noon)).toBe(false);

  expect(reports).toEqual(['disk full']);
});

function nameOf(saved: SavedRecord): string {
  return saved.question === 'push_stats' ? saved.streamKey : saved.targetKey;
}

function controlRecord(rescannedAt: number): ControlRecord {
  return { ...newControlRecord(controlTarget(), noon), rescannedAt };
}

const frozenLongAgo: PushRecord = { ...record('outdated', 3), frozenAt: noon - 86_400_001 };

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
  const yields = { count: 0 };
  const addEvent = (event: string, saved: SavedRecord) => {
    const samples = saved.question === 'push_stats' ? saved.push.totals.samples : '';
    events.push(`${event} ${nameOf(saved)} ${samples}`);
  };
  const cache = createRecordCache({
    records: [],
    saveBatch: async (changes) => {
      if (disk.full) throw new Error('disk full');
      batches.push(changes.length);
      for (const { record: saved } of changes) addEvent('saved', saved);
    },
    remove: async (records) => {
      if (disk.full) throw new Error('disk full');
      events.push(`deleted ${records.map(nameOf)}`);
    },
    publish: (saved) => addEvent('published', saved),
    onSaved: () => {},
    onFailed: (error) => events.push(`failed ${(error as Error).message}`),
    yieldNow: async () => {
      yields.count++;
    },
    ...parts,
  });
  return { cache, events, batches, disk, yields };
}
