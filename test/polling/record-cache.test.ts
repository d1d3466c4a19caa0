import { expect, test } from 'vitest';
import { type ControlRecord, newControlRecord } from '../../src/model/control-record.ts';
import { newPushLedger } from '../../src/model/push-ledger.ts';
import type { SavedRecord } from '../../src/model/saved-record.ts';
import { pushTargetKeyOf } from '../../src/model/target.ts';
import { controlTarget } from '../support/actions.ts';
import { settle } from '../support/manual-clock.ts';
import { createObservedRecordCache, namedRecord, nameOf } from '../support/record-cache.ts';
import { noon } from '../support/samples.ts';

test('publishes a record after it is saved, never before', async () => {
  const { cache, events } = createObservedRecordCache();

  cache.put(namedRecord('news', 5));
  expect(events).toEqual([]);
  await cache.flush(noon);

  expect(events).toEqual(['saved news 5', 'published news 5']);
});

test('neither saves nor publishes an unchanged record again', async () => {
  const { cache, events } = createObservedRecordCache();
  const news = namedRecord('news', 5);
  cache.put(news);
  await cache.flush(noon);

  cache.put(news);
  await cache.flush(noon + 1000);

  expect(events).toEqual(['saved news 5', 'published news 5']);
});

test('passes the version on disk of a changed record to the store', async () => {
  const restored = controlRecord(1);
  const savedVersions: (SavedRecord | undefined)[] = [];
  const { cache } = createObservedRecordCache({
    load: async () => [restored],
    saveBatch: async (changes) => void savedVersions.push(...[...changes].map(({ saved }) => saved)),
  });
  await cache.load([restored.targetKey], noon);
  const next = controlRecord(2);
  cache.put(next);
  cache.put(namedRecord('sport', 1));
  await cache.flush(noon);

  cache.put(controlRecord(3));
  cache.put(namedRecord('sport', 2));
  await cache.flush(noon);

  expect(savedVersions).toEqual([restored, undefined, next, namedRecord('sport', 1)]);
});

test('reads and packs records in small parts, and yields between them', async () => {
  const records = Array.from({ length: 120 }, (_, i) => namedRecord(`s${i}`, i));
  const byKey = new Map(records.map((record) => [record.targetKey, record]));
  const parts: number[] = [];
  const { cache, yields } = createObservedRecordCache({
    load: async (targetKeys) => {
      parts.push(targetKeys.length);
      return targetKeys.flatMap((targetKey) => byKey.get(targetKey) ?? []);
    },
  });

  await cache.load([...byKey.keys()], noon);

  expect(parts).toEqual([50, 50, 20]);
  expect(yields.count).toBe(2);
  expect(records.map(({ targetKey }) => cache.record(targetKey))).toEqual(records);
});

test('reads only the records that are not in the cache', async () => {
  const { cache, events } = createObservedRecordCache({
    load: async (targetKeys) => {
      events.push(`loaded ${targetKeys}`);
      return [namedRecord('sport', 3)];
    },
  });
  cache.put(namedRecord('news', 5));

  await cache.load([pushTargetKeyOf('news'), pushTargetKeyOf('sport'), pushTargetKeyOf('new')], noon);
  await cache.load([pushTargetKeyOf('news'), pushTargetKeyOf('sport')], noon);

  expect(events).toEqual(['loaded push_stats sport,push_stats new']);
  expect(cache.record(pushTargetKeyOf('sport'))).toEqual(namedRecord('sport', 3));
  expect(cache.record(pushTargetKeyOf('new'))).toBeUndefined();
});

test('neither saves nor publishes a push record that is put again with equal content', async () => {
  const { cache, events } = createObservedRecordCache({ load: async () => [namedRecord('news', 5)] });
  await cache.load([pushTargetKeyOf('news')], noon);

  cache.put(namedRecord('news', 5));
  await cache.flush(noon);
  expect(events).toEqual([]);

  cache.put({ ...namedRecord('news', 5), frozenAt: noon });
  await cache.flush(noon);
  expect(events).toEqual(['saved news 5', 'published news 5']);
});

test('saves and publishes a push record of several streams, and recognizes it by reference', async () => {
  const several = { ...namedRecord('news', 5), streams: new Map([['sport', newPushLedger(noon)]]) };
  const { cache, events } = createObservedRecordCache({ load: async () => [several] });
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

/** A cache that cannot publish the records with the names in `broken`. `published` lists names and samples. */
function setUpBroken() {
  const broken = new Set<string>();
  const published: string[] = [];
  const errors: unknown[] = [];
  const observed = createObservedRecordCache({
    publish(saved) {
      if (broken.has(nameOf(saved))) throw new Error(`cannot publish ${nameOf(saved)}`);
      if (saved.question === 'push_stats') published.push(`${nameOf(saved)} ${saved.push.totals.samples}`);
    },
    onUnpublished: (error) => errors.push(error),
  });
  return { ...observed, broken, published, errors };
}

test('publishes the other records if a publish throws, and that record with the next flush', async () => {
  const { cache, events, broken, published, errors } = setUpBroken();
  for (const name of ['news', 'sport', 'weather']) cache.put(namedRecord(name, 5));
  broken.add('news').add('sport');

  expect(await cache.flush(noon)).toBe(true);
  expect(published).toEqual(['weather 5']);
  // One report per flush is enough.
  expect(errors).toEqual([new Error('cannot publish news')]);

  broken.delete('news');
  await cache.flush(noon + 1000);
  expect(published).toEqual(['weather 5', 'news 5']);
  broken.delete('sport');
  for (const at of [noon + 2000, noon + 3000]) await cache.flush(at);

  expect(published).toEqual(['weather 5', 'news 5', 'sport 5']);
  expect(events).toEqual(['saved news 5', 'saved sport 5', 'saved weather 5']);
});

test('publishes a record that could not be published only in a version that is saved', async () => {
  const { cache, events, broken, published } = setUpBroken();
  cache.put(namedRecord('news', 5));
  broken.add('news');
  await cache.flush(noon);

  broken.delete('news');
  cache.put(namedRecord('news', 6));
  await cache.flush(noon + 1000);

  expect(events).toEqual(['saved news 5', 'saved news 6']);
  expect(published).toEqual(['news 6']);
});

test('publishes and reports a failed save, and retries it with the next flush', async () => {
  const { cache, events, disk } = createObservedRecordCache();
  cache.put(namedRecord('news', 5));
  disk.full = true;

  expect(await cache.flush(noon)).toBe(false);
  disk.full = false;
  expect(await cache.flush(noon + 1000)).toBe(true);

  expect(events).toEqual(['failed disk full', 'published news 5', 'saved news 5', 'published news 5']);
});

test('saves many records in batches, and yields while it prepares and publishes them', async () => {
  const { cache, batches, yields } = createObservedRecordCache();
  for (let i = 0; i < 4500; i++) cache.put(namedRecord(`s${i}`, 1));

  await cache.flush(noon);

  expect(batches).toEqual([2000, 2000, 500]);
  expect(yields.count).toBe(84);
});

test('saves a record that changes during a flush with the next flush', async () => {
  const { cache, events } = createObservedRecordCache();
  for (let i = 0; i < 401; i++) cache.put(namedRecord(`s${i}`, 1));

  const saving = cache.flush(noon);
  await Promise.resolve();
  cache.put(namedRecord('s0', 9));
  await saving;
  expect(events).not.toContain('published s0 9');
  await cache.flush(noon);

  expect(events.at(-1)).toBe('published s0 9');
});

test('reads one list of records at a time, and never a record that another call has just read', async () => {
  const reads: (readonly string[])[] = [];
  let running = 0;
  const { cache } = createObservedRecordCache({
    load: async (keys) => {
      reads.push(keys);
      running++;
      await settle();
      expect(running--).toBe(1);
      return keys.map((targetKey) => ({ ...namedRecord('', 1), targetKey }));
    },
  });
  const [news, sport, weather] = ['news', 'sport', 'weather'].map(pushTargetKeyOf) as [
    string,
    string,
    string,
  ];

  const first = cache.load([news, sport], noon).then(() => cache.put(namedRecord('news', 2)));
  await Promise.all([first, cache.load([news, weather], noon)]);

  expect(reads).toEqual([[news, sport], [weather]]);
  expect(cache.record(news)).toEqual(namedRecord('news', 2));
});

test('publishes what is saved of a record that is replaced during the write, then saves it again', async () => {
  const written: SavedRecord[] = [];
  const { cache, events } = createObservedRecordCache({
    saveBatch: async (changes) => {
      cache.put(newer);
      written.push(...[...changes].map(({ record }) => record));
    },
  });
  const newer = namedRecord('news', 6);
  cache.put(namedRecord('news', 5));

  await cache.flush(noon);
  await cache.flush(noon + 1000);

  expect(written).toEqual([namedRecord('news', 5), newer]);
  expect(events).toEqual(['published news 5', 'published news 6']);
});

test('reports a failure once per flush if one of several batches fails', async () => {
  const reports: string[] = [];
  const { cache } = createObservedRecordCache({
    saveBatch: async ([first]) => {
      if (first?.record.targetKey !== pushTargetKeyOf('s2000')) throw new Error('disk full');
    },
    onSaved: (now) => reports.push(`saved ${now - noon}`),
    onFailed: (error) => reports.push((error as Error).message),
  });
  for (let i = 0; i < 4500; i++) cache.put(namedRecord(`s${i}`, 1));

  expect(await cache.flush(noon)).toBe(false);

  expect(reports).toEqual(['disk full']);
});

function controlRecord(rescannedAt: number): ControlRecord {
  return { ...newControlRecord(controlTarget(), noon), rescannedAt };
}
