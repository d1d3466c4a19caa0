import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { noon } from '../support/samples.ts';
import { change, foldAll, inOrder, openWithDamage, readState } from '../support/state.ts';
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
    await store.save(recordsOf(2).map(change), noon);
    store.close();
    expect(readState(directory)).toEqual({ records: inOrder(recordsOf(2)), damage: undefined });
    for (const name of readdirSync(directory)) rmSync(join(directory, name));
  }
});

test('loses only the records of an unreadable page, and reports the damage once', async () => {
  await save();
  const page = pageOfRows('record ', pageOfRows('record ') + 1);
  overwrite(page, 0, Buffer.alloc(pageBytes));

  const { records, damage } = readState(directory);

  const lost = recordsOf(1).length - records.length;
  expect(lost).toBeGreaterThan(3);
  expect(lost).toBeLessThan(40);
  expect(damage).toEqual({
    problems: [`Tree 2 page ${page}: btreeInitPage() returns error code 11`],
    isLossy: true,
    recovered: recordsOf(1).length - lost,
    movedTo: `${file}.unusable-2026-03-01T120000.000Z`,
  });
  const read = new Set(records.map(({ targetKey }) => targetKey));
  const left = inOrder(recordsOf(1).filter(({ targetKey }) => read.has(targetKey)));
  expect(records).toEqual(left);
  expect(readState(directory)).toEqual({ records: left, damage: undefined });
});

test('drops a row with a damaged key and keeps all others', async () => {
  await save();
  const { targetKey } = recordsOf(1)[100] ?? {};
  const bytes = readFileSync(file);
  const at = bytes.indexOf(`record ${targetKey}`);
  bytes.write('z', at);
  writeFileSync(file, bytes);

  const { records, damage } = readState(directory);

  expect(damage?.isLossy).toBe(true);
  expect(damage?.problems.at(-1)).toBe(`zecord ${targetKey}: checksum mismatch`);
  expect(records).toEqual(inOrder(recordsOf(1).filter((record) => record.targetKey !== targetKey)));
});

test('uses no row twice if one page was written in the place of another', async () => {
  await save();
  const one = pageOfRows('record ');
  const other = pageOfRows('record ', one + 1);
  overwrite(one, 0, readFileSync(file).subarray((other - 1) * pageBytes, other * pageBytes));

  const { records, damage } = readState(directory);

  expect(damage?.isLossy).toBe(true);
  expect(damage?.problems).toContainEqual(expect.stringContaining('duplicate key'));
  const truth = new Map(recordsOf(1).map((record) => [record.targetKey, record]));
  expect(records.length).toBeGreaterThan(100);
  expect(new Set(records.map(({ targetKey }) => targetKey)).size).toBe(records.length);
  for (const record of records) expect(record).toEqual(truth.get(record.targetKey));
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
    await store.save(recordsOf(version).slice(0, 7).map(change), noon);
    foldAll(store);
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
  await store.save(records.map(change), noon);
  foldAll(store);
  store.close();
}

/** Makes the list of free space of a page point beyond the page. */
function damageFreeSpace(): void {
  overwrite(pageOfRows('record '), 1, Buffer.from([0x1f, 0xfa]));
}

/** Makes the list of free pages longer than a page can hold. */
async function damageFreePages(): Promise<void> {
  const { store } = openWithDamage(directory);
  const more = recordsOf(1).map((record) => ({ ...record, targetKey: `${record.targetKey} more` }));
  await store.save(more.map(change), noon);
  foldAll(store);
  store.freeze(
    more.map(({ targetKey }) => targetKey),
    noon,
  );
  store.maintain({ at: noon, expireBefore: noon + 1, isUrgent: false });
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
