import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { noon } from '../support/samples.ts';
import { openWithDamage } from '../support/state.ts';
import { damageBody, forgeBody, save, savedPush } from './saved.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-state-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('restores the known scrapers, the last saved ones', () => {
  const scrapers = new Map([
    ['["192.0.2.1","Prometheus/3"]', noon],
    ['["192.0.2.2","vmagent"]', noon + 1],
  ]);
  const { store } = openWithDamage(directory);
  store.saveScrapers(new Map([['["192.0.2.1","Prometheus/3"]', noon - 1000]]), noon);
  store.saveScrapers(scrapers, noon + 1);
  store.close();

  const reopened = openWithDamage(directory, noon + 2);
  reopened.store.close();

  // The save of scrapers is no save of records.
  expect([reopened.scrapers, reopened.savedAt]).toEqual([scrapers, undefined]);
});

test('keeps the known scrapers when it replaces a damaged file', async () => {
  await save(directory, [savedPush('news')]);
  const { store } = openWithDamage(directory);
  store.saveScrapers(new Map([['a', noon]]), noon);
  store.close();
  damageBody(directory, `record ${savedPush('news').targetKey}`, '[1,', '[9,');

  const reopened = openWithDamage(directory);
  reopened.store.close();

  expect(reopened.damage?.problems).toHaveLength(1);
  expect(reopened.scrapers).toEqual(new Map([['a', noon]]));
});

test.each(['[[5,6]]', '[["a"]]', '[["a","soon"]]', '[5]', '{}', 'null'])(
  'knows no scrapers if their row contains %s, and keeps the records',
  async (body) => {
    await save(directory, [savedPush('news')]);
    const { store } = openWithDamage(directory);
    store.saveScrapers(new Map([['a', noon]]), noon);
    store.close();
    forgeBody(directory, 'scrapers', body);

    const reopened = openWithDamage(directory);
    reopened.store.close();

    expect(reopened.damage?.problems).toEqual(['scrapers: the content is not that of scrapers']);
    expect(reopened.scrapers).toEqual(new Map());
    expect(reopened.records).toEqual([savedPush('news')]);
  },
);

test('reads scrapers.json of an earlier version until the scrapers are saved, then deletes it', () => {
  const file = join(directory, 'scrapers.json');
  writeFileSync(file, JSON.stringify([['a', noon]]));
  expect(knownScrapers()).toEqual(new Map([['a', noon]]));
  expect(readdirSync(directory)).toContain('scrapers.json');

  const { store } = openWithDamage(directory);
  store.saveScrapers(new Map([['b', noon]]), noon);
  store.close();

  expect(readdirSync(directory)).not.toContain('scrapers.json');
  // As after a kill between the two steps.
  writeFileSync(file, JSON.stringify([['a', noon]]));
  expect(knownScrapers()).toEqual(new Map([['b', noon]]));
});

test.each(['', '{"a": 1}', '[["a"', '[1, ["a"], ["b", "soon"], ["c", null]]'])(
  'reads no scrapers from scrapers.json with %j',
  (text) => {
    writeFileSync(join(directory, 'scrapers.json'), text);

    expect(knownScrapers()).toEqual(new Map());
  },
);

test('knows no scrapers without a row and without scrapers.json', () => {
  expect(knownScrapers()).toEqual(new Map());
});

function knownScrapers() {
  const { store, scrapers } = openWithDamage(directory);
  store.close();
  return scrapers;
}
