import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hourMs } from '../../src/model/time.ts';
import { noon } from '../support/samples.ts';
import { change, foldAll, inOrder, openWithDamage, readState } from '../support/state.ts';
import { recordsOf } from './versions.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-frozen-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** A domain with 450 streams, and a stream. */
const records = recordsOf(1).slice(-2);
const keys = records.map(({ targetKey }) => targetKey);

test('keeps frozen records on disk with the time at which they were frozen, and lists them as live no more', async () => {
  const { store } = await openFolded();

  store.freeze(keys, noon + hourMs);

  expect(store.liveKeys('', 10)).toEqual([]);
  store.close();
  const frozen = records.map((record) => ({ ...record, frozenAt: noon + hourMs }));
  expect(readState(directory)).toEqual({ records: inOrder(frozen), damage: undefined });
  expect(keysOnDisk().filter((key) => !key.startsWith('frozen '))).toEqual([]);
});

test('continues a frozen record whose target returns', async () => {
  const { store } = await openFolded();
  store.freeze(keys, noon + hourMs);
  store.close();
  const reopened = openWithDamage(directory);
  const returned = recordsOf(2).slice(-2);

  await reopened.store.save(
    returned.map((record, i) => ({
      record,
      saved: { ...records[i], frozenAt: noon + hourMs } as typeof record,
    })),
    noon + 2 * hourMs,
  );
  foldAll(reopened.store);

  expect([...reopened.store.liveKeys('', 10)].toSorted()).toEqual(keys.toSorted());
  reopened.store.close();
  expect(readState(directory)).toEqual({ records: inOrder(returned), damage: undefined });
  expect(keysOnDisk().filter((key) => key.startsWith('frozen '))).toEqual([]);
});

test('deletes frozen records with all their rows after the retention, and no others', async () => {
  const { store } = await openFolded();
  const [kept = '', expired = ''] = keys;
  store.freeze([expired], noon);
  store.freeze([kept], noon + hourMs);
  const expire = (expireBefore: number) => store.maintain({ at: noon, expireBefore, isUrgent: false });

  expire(noon);
  expect(keysOnDisk().filter((key) => key.startsWith('frozen record '))).toHaveLength(2);
  expire(noon + 1);
  expect(keysOnDisk().filter((key) => key.includes(expired))).toEqual([]);
  expire(noon + hourMs + 1);
  expect(keysOnDisk()).toEqual([]);
  store.close();
  expect(readState(directory)).toEqual({ records: [], damage: undefined });
});

test('reports a frozen record that is damaged when it returns, and deletes it', async () => {
  const { store } = await openFolded();
  store.freeze(keys, noon);
  const database = new DatabaseSync(join(directory, 'state.db'));
  database.exec("UPDATE ledgers SET checksum = checksum + 1 WHERE key LIKE 'frozen record push%'");
  database.close();
  const problems: string[] = [];

  const rows = [...store.load(keys, problems, noon)];

  expect(new Set(rows.map(([targetKey]) => targetKey)).size).toBe(1);
  expect(problems).toEqual([expect.stringMatching(/^frozen record push_stats .*: checksum mismatch$/)]);
  store.close();
  expect(readState(directory).damage).toBeUndefined();
});

test('freezes all other records if a row is damaged, and leaves the damaged record as it is', async () => {
  const damages = [`record ${keys[0]}`, `record ${keys[1]}`, `stream ${keys[1]}`];
  for (const damaged of damages) {
    const { store } = await openFolded();
    const database = new DatabaseSync(join(directory, 'state.db'));
    const { key } = database.prepare('SELECT min(key) AS key FROM ledgers WHERE key >= ?').get(damaged) ?? {};
    expect(key).toContain(damaged);
    database.prepare('UPDATE ledgers SET checksum = checksum + 1 WHERE key = ?').run(key ?? null);
    database.close();
    const before = keysOnDisk();

    const left = keys.filter((targetKey) => damaged.endsWith(targetKey));
    expect(store.freeze(keys, noon + hourMs)).toEqual(left);

    expect(store.liveKeys('', 10)).toEqual(left);
    const ofDamaged = (key: string) => left.some((targetKey) => key.includes(targetKey));
    expect(keysOnDisk().filter(ofDamaged)).toEqual(before.filter(ofDamaged));
    store.close();
    expect(readState(directory).damage?.problems).toEqual([`${key}: checksum mismatch`]);
    for (const name of readdirSync(directory)) rmSync(join(directory, name));
  }
});

async function openFolded() {
  const opened = openWithDamage(directory);
  await opened.store.save(records.map(change), noon);
  foldAll(opened.store);
  return opened;
}

function keysOnDisk(): readonly string[] {
  const database = new DatabaseSync(join(directory, 'state.db'), { readOnly: true });
  const rows = database.prepare('SELECT key FROM ledgers').all();
  database.close();
  return rows.map(({ key }) => String(key));
}
