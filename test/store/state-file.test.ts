import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newPushLedger } from '../../src/model/push-ledger.ts';
import type { SavedRecord } from '../../src/model/saved-record.ts';
import { settle } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { change, inOrder, openWithDamage, readState } from '../support/state.ts';
import { recordsOf } from './versions.ts';

const pageBytes = 8192;
/** First byte of a leaf page with rows (https://www.sqlite.org/fileformat.html, "B-tree Pages"). */
const leaf = 10;
/** First byte of a page that refers to other pages. */
const interior = 2;

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-file-'));
  file = join(directory, 'state.db');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('finds damage that only a write would meet, and loses nothing', async () => {
  for (const [damageFile, problem] of [
    [damageFreeSpace, /^Tree \d+ page \d+: free space corruption$/],
    [damageFreePages, /^Freelist: freelist leaf count too big on page \d+$/],
  ] as const) {
    await save();
    await damageFile();

    const { store, records, damage } = openWithDamage(directory);

    expect(damage).toMatchObject({ problems: [expect.stringMatching(problem)], isLossy: false });
    expect(records).toEqual(inOrder(recordsOf(1)));
    await store.save(recordsOf(2).map(change), noon, settle);
    store.close();
    expect(readState(directory)).toEqual({ records: inOrder(recordsOf(2)), damage: undefined });
    for (const name of readdirSync(directory)) rmSync(join(directory, name));
  }
});

test('loses only the rows of an unreadable page, and reports the damage once', async () => {
  await save();
  const page = pageOfRows('push ');
  overwrite(page, 0, Buffer.alloc(pageBytes));

  const { records, damage } = readState(directory);

  expect(damage).toMatchObject({
    isLossy: true,
    recovered: recordsOf(1).length,
    movedTo: `${file}.unusable-2026-03-01T120000.000Z`,
  });
  const [first, ...others] = damage?.problems ?? [];
  expect(first).toBe(`Tree 2 page ${page}: btreeInitPage() returns error code 11`);
  const lost = others.map((problem) => /^push (.*): the row is missing$/.exec(problem)?.[1]);
  expect(lost.length).toBeGreaterThan(3);
  expect(lost.length).toBeLessThan(30);
  const left = recordsOf(1).map((record) =>
    lost.includes(record.targetKey) ? withoutTotals(record) : record,
  );
  expect(records).toEqual(inOrder(left));
  expect(readState(directory)).toEqual({ records: inOrder(left), damage: undefined });
});

test('drops a row with a damaged key and keeps all others', async () => {
  await save();
  const { targetKey } = recordsOf(1)[100] ?? {};
  const bytes = readFileSync(file);
  const at = bytes.indexOf(`target ${targetKey}`);
  bytes.write('z', at);
  writeFileSync(file, bytes);

  const { records, damage } = readState(directory);

  expect(damage?.isLossy).toBe(true);
  expect(damage?.problems.slice(-2)).toEqual([
    expect.stringMatching(/^zarget .*: checksum mismatch$/),
    `push ${targetKey}: its target row is missing`,
  ]);
  expect(records).toEqual(inOrder(recordsOf(1).filter((record) => record.targetKey !== targetKey)));
});

test('uses no row twice if one page was written in the place of another', async () => {
  await save();
  const one = pageOfRows('push ');
  const other = pageOfRows('target ', one + 1);
  overwrite(one, 0, readFileSync(file).subarray((other - 1) * pageBytes, other * pageBytes));

  const { records, damage } = readState(directory);

  expect(damage?.isLossy).toBe(true);
  expect(damage?.problems).toContainEqual(expect.stringContaining('duplicate key'));
  const truth = new Map(recordsOf(1).map((record) => [record.targetKey, record]));
  expect(records.length).toBeGreaterThan(100);
  for (const record of records) {
    const right = truth.get(record.targetKey);
    const startsFromZero = damage?.problems.some((text) => text.startsWith(`push ${record.targetKey}: `));
    expect(record).toEqual(startsFromZero && right !== undefined ? withoutTotals(right) : right);
  }
});

test('reports a loss if a page is no longer part of the table and no other row refers to its rows', async () => {
  await save(recordsOf(1).slice(-1));
  const bytes = readFileSync(file);
  const cellsOf = (page: number) => bytes.readUInt16BE((page - 1) * pageBytes + 3);
  const pages = Array.from({ length: bytes.length / pageBytes - 1 }, (_, i) => i + 2);
  const page = pages.find((at) => bytes[(at - 1) * pageBytes] === interior && cellsOf(at) > 2) ?? 0;
  // One row and one leaf page less.
  overwrite(page, 3, Buffer.from([0, cellsOf(page) - 1]));

  const { records, damage } = readState(directory);

  expect(damage?.problems).toEqual([
    expect.stringMatching(/^Fragmentation of \d+ bytes reported as \d+ on page \d+$/),
  ]);
  expect(records.map((record) => record.question === 'control_history' && record.streams.size)).not.toEqual([
    450,
  ]);
  expect(records.map((record) => record.target)).toEqual([recordsOf(1).at(-1)?.target]);
  expect(records).not.toEqual(recordsOf(1).slice(-1));
  expect(damage?.isLossy).toBe(true);
});

test('loses nothing if the write-ahead log that a kill -9 leaves is damaged', async () => {
  const { store } = openWithDamage(directory);
  for (let version = 1; version <= 20; version++) {
    await store.save(recordsOf(version).slice(0, 7).map(change), noon, settle);
  }
  const [database, log] = [readFileSync(file), readFileSync(`${file}-wal`)];
  store.close();
  const truth = inOrder(recordsOf(20).slice(0, 7));
  expect(log.length).toBeGreaterThan(pageBytes);

  const positions = Array.from({ length: 60 }, (_, i) => Math.floor((i * log.length) / 60));
  const flipped = positions.map((at) => Buffer.from(log).fill((log[at] ?? 0) ^ 1, at, at + 1));
  const truncated = positions.map((at) => log.subarray(0, at));
  const zeroed = positions.map((at) => Buffer.from(log).fill(0, 0, at));
  for (const harmed of [log, ...flipped, ...truncated, ...zeroed]) {
    writeFileSync(file, database);
    writeFileSync(`${file}-wal`, harmed);
    rmSync(`${file}-shm`, { force: true });

    expect(readState(directory)).toEqual({ records: truth, damage: undefined });
  }
});

async function save(records = recordsOf(1)): Promise<void> {
  const { store } = openWithDamage(directory);
  await store.save(records.map(change), noon, settle);
  store.close();
}

/** Makes the list of free space of a page point beyond the page. */
function damageFreeSpace(): void {
  overwrite(pageOfRows('target '), 1, Buffer.from([0x1f, 0xfa]));
}

/** Makes the list of free pages longer than a page can hold. */
async function damageFreePages(): Promise<void> {
  const { store } = openWithDamage(directory);
  const more = recordsOf(1).map((record) => ({ ...record, targetKey: `${record.targetKey} more` }));
  await store.save(more.map(change), noon, settle);
  await store.remove(more, noon, settle);
  store.close();
  // The file header contains the first page of the list.
  const first = readFileSync(file).readUInt32BE(32);
  expect(first).toBeGreaterThan(0);
  overwrite(first, 4, Buffer.from([0x7f]));
}

/** Returns the number of the first leaf page, at or after `from`, with rows of this kind. */
function pageOfRows(kind: string, from = 2): number {
  const bytes = readFileSync(file);
  for (let page = from; page * pageBytes <= bytes.length; page++) {
    const content = bytes.subarray((page - 1) * pageBytes, page * pageBytes);
    if (content[0] === leaf && content.includes(`${kind}push_stats`)) return page;
  }
  throw new Error(`no page has rows of ${kind}`);
}

function overwrite(page: number, at: number, by: Uint8Array): void {
  const bytes = readFileSync(file);
  bytes.set(by, (page - 1) * pageBytes + at);
  writeFileSync(file, bytes);
}

function withoutTotals(record: SavedRecord): SavedRecord {
  return record.question === 'push_stats' ? { ...record, push: newPushLedger(record.target.floor) } : record;
}
