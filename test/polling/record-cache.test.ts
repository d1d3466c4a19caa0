import { expect, test } from 'vitest';
import { newControlRecord } from '../../src/model/control-record.ts';
import { newPushRecord } from '../../src/model/push-record.ts';
import type { SavedControl, SavedPush, SavedRecord } from '../../src/model/saved-record.ts';
import { controlTargetKey, pushTargetKeyOf } from '../../src/model/target.ts';
import { createRecordCache, type RecordCacheParts } from '../../src/polling/record-cache.ts';
import { controlTarget } from '../support/actions.ts';
import { noon, pushTarget } from '../support/samples.ts';

test('a record is shown after it was saved, never before', async () => {
  const { cache, events } = createParts();

  cache.put(record('news', 5));
  expect(events).toEqual([]);
  await cache.flush(noon);

  expect(events).toEqual(['saved news 5', 'shown news 5']);
});

test('what did not change is neither saved nor shown again', async () => {
  const { cache, events } = createParts();
  const news = record('news', 5);
  cache.put(news);
  await cache.flush(noon);

  cache.put(news);
  await cache.flush(noon + 1000);

  expect(events).toEqual(['saved news 5', 'shown news 5']);
});

test('a save is told what of a domain is on the disk already', async () => {
  const restored = controlRecord(1);
  const told: (SavedRecord | undefined)[] = [];
  const { cache } = createParts({
    records: [restored],
    saveBatch: async (changes) => void told.push(...changes.map(({ saved }) => saved)),
  });
  const next = controlRecord(2);
  cache.put(next);
  cache.put(record('sport', 1));
  await cache.flush(noon);

  cache.put(controlRecord(3));
  await cache.flush(noon);

  expect(told).toEqual([restored, undefined, next]);
});

test('a push record that is taken again as it was is neither saved nor shown', async () => {
  const { cache, events } = createParts({ records: [record('news', 5)] });

  cache.put(record('news', 5));
  await cache.flush(noon);
  expect(events).toEqual([]);

  cache.put({ ...record('news', 5), frozenAt: noon });
  await cache.flush(noon);
  expect(events).toEqual(['saved news 5', 'shown news 5']);
});

test('what goes wrong while records are shown is told, and the next save goes on', async () => {
  const shown: string[] = [];
  const { cache } = createParts({
    publish(saved) {
      if (nameOf(saved) === 'news') throw new Error('a fault of ours');
      shown.push(nameOf(saved));
    },
  });
  cache.put(record('news', 5));
  await expect(cache.flush(noon)).rejects.toThrow('a fault of ours');

  cache.put(record('sport', 5));
  expect(await cache.flush(noon)).toBe(true);
  expect(shown).toEqual(['sport']);
});

test('a save that fails shows all the same, is told, and is tried again', async () => {
  const { cache, events, disk } = createParts();
  cache.put(record('news', 5));
  disk.full = true;

  expect(await cache.flush(noon)).toBe(false);
  disk.full = false;
  expect(await cache.flush(noon + 1000)).toBe(true);

  expect(events).toEqual(['failed disk full', 'shown news 5', 'saved news 5', 'shown news 5']);
});

test('many records are saved in batches, and the loop turns in between', async () => {
  const { cache, batches, turns } = createParts();
  for (let i = 0; i < 450; i++) cache.put(record(`s${i}`, 1));

  await cache.flush(noon);

  expect(batches).toEqual([200, 200, 50]);
  expect(turns.count).toBe(2);
});

test('what changes while a save is under way is saved by the next', async () => {
  const { cache, events } = createParts();
  for (let i = 0; i < 201; i++) cache.put(record(`s${i}`, 1));

  const saving = cache.flush(noon);
  await Promise.resolve();
  cache.put(record('s0', 9));
  await saving;
  expect(events).not.toContain('shown s0 9');
  await cache.flush(noon);

  expect(events.at(-1)).toBe('shown s0 9');
});

test('a record that no config names is frozen, kept for the retention, and then forgotten', async () => {
  const { cache, events } = createParts({
    records: [record('watched', 1), record('left', 2), frozenLongAgo],
  });

  cache.retainOnly(new Set([pushTargetKeyOf('watched')]), noon, 86_400_000);
  await cache.flush(noon);

  expect(events).toEqual(['forgot outdated', 'saved left 2', 'shown left 2']);
  expect(cache.record(pushTargetKeyOf('left'))?.frozenAt).toBe(noon);
  expect(cache.record(pushTargetKeyOf('outdated'))).toBeUndefined();
});

test('what the disk would not forget is forgotten by the next save', async () => {
  const { cache, events, disk } = createParts({ records: [frozenLongAgo] });
  cache.retainOnly(new Set(), noon, 86_400_000);
  disk.full = true;
  expect(await cache.flush(noon)).toBe(false);

  disk.full = false;
  expect(await cache.flush(noon + 1000)).toBe(true);
  await cache.flush(noon + 2000);

  expect(events).toEqual(['failed disk full', 'forgot outdated']);
});

test('a target that comes back before its old record is off the disk replaces it there, and is not forgotten', async () => {
  const told: SavedRecord[] = [];
  const { cache, events } = createParts({
    records: [frozenLongAgo],
    saveBatch: async (changes) => void told.push(...changes.map(({ record }) => record)),
  });
  cache.retainOnly(new Set(), noon, 86_400_000);
  const anew = record('outdated', 1);
  cache.put(anew);

  await cache.flush(noon);

  expect(told).toEqual([anew]);
  expect(events).toEqual(['shown outdated 1']);
});

test('a domain that comes back while its old record is taken off the disk is written as a whole', async () => {
  const old = { ...controlRecord(1), frozenAt: noon - 86_400_001 };
  const anew = controlRecord(2);
  const told: (readonly [SavedRecord, SavedRecord | undefined])[] = [];
  const { cache } = createParts({
    records: [old],
    remove: async () => cache.put(anew),
    saveBatch: async (changes) =>
      void told.push(...changes.map(({ record, saved }) => [record, saved] as const)),
  });
  cache.retainOnly(new Set(), noon, 86_400_000);

  await cache.flush(noon);

  expect(told).toEqual([[anew, undefined]]);
});

test('what is taken anew while its batch is written is saved again', async () => {
  const told: SavedRecord[] = [];
  const { cache, events } = createParts({
    saveBatch: async (changes, _, turn) => {
      await turn();
      told.push(...changes.map(({ record }) => record));
    },
    yieldNow: async () => cache.put(newer),
  });
  const newer = record('news', 6);
  cache.put(record('news', 5));

  await cache.flush(noon);
  await cache.flush(noon + 1000);

  expect(told).toEqual([record('news', 5), newer]);
  expect(events).toEqual(['shown news 6']);
});

test('what is frozen while its batch is written is not shown any more: its series may have begun anew', async () => {
  const { cache, events } = createParts({
    saveBatch: async (_changes, _now, turn) => turn(),
    yieldNow: async () => cache.retainOnly(new Set(), noon, 86_400_000),
  });
  cache.put(record('news', 5));

  await cache.flush(noon);

  expect(events).toEqual([]);
  expect(cache.record(pushTargetKeyOf('news'))?.frozenAt).toBe(noon);
});

test('while one batch fits and another does not, the state is told as not saved, once a save', async () => {
  const told: string[] = [];
  const { cache } = createParts({
    saveBatch: async ([first]) => {
      if (first?.record.targetKey !== pushTargetKeyOf('s200')) throw new Error('disk full');
    },
    onSaved: (now) => told.push(`saved ${now - noon}`),
    onFailed: (error) => told.push((error as Error).message),
  });
  for (let i = 0; i < 450; i++) cache.put(record(`s${i}`, 1));

  expect(await cache.flush(noon)).toBe(false);

  expect(told).toEqual(['disk full']);
});

function nameOf(saved: SavedRecord): string {
  return saved.question === 'push_stats' ? saved.streamKey : saved.targetKey;
}

function controlRecord(rescannedAt: number): SavedControl {
  const target = controlTarget();
  return {
    question: 'control_history',
    targetKey: controlTargetKey(target),
    frozenAt: undefined,
    ...newControlRecord(target, noon),
    rescannedAt,
  };
}

const frozenLongAgo: SavedPush = { ...record('outdated', 3), frozenAt: noon - 86_400_001 };

function record(name: string, samples: number): SavedPush {
  const { target, push } = newPushRecord(pushTarget(), noon);
  return {
    question: 'push_stats',
    targetKey: pushTargetKeyOf(name),
    streamKey: name,
    frozenAt: undefined,
    target,
    push: { ...push, totals: { ...push.totals, samples } },
  };
}

function createParts(parts: Partial<RecordCacheParts> = {}) {
  const events: string[] = [];
  const batches: number[] = [];
  const disk = { full: false };
  const turns = { count: 0 };
  const say = (what: string, saved: SavedRecord) => {
    const samples = saved.question === 'push_stats' ? saved.push.totals.samples : '';
    events.push(`${what} ${nameOf(saved)} ${samples}`);
  };
  const cache = createRecordCache({
    records: [],
    saveBatch: async (changes) => {
      if (disk.full) throw new Error('disk full');
      batches.push(changes.length);
      for (const { record: saved } of changes) say('saved', saved);
    },
    remove: async (records) => {
      if (disk.full) throw new Error('disk full');
      events.push(`forgot ${records.map(nameOf)}`);
    },
    publish: (saved) => say('shown', saved),
    onSaved: () => {},
    onFailed: (error) => events.push(`failed ${(error as Error).message}`),
    yieldNow: async () => {
      turns.count++;
    },
    ...parts,
  });
  return { cache, events, batches, disk, turns };
}
