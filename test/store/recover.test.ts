import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newPushLedger } from '../../src/model/push-ledger.ts';
import type { SavedRecord } from '../../src/model/saved-record.ts';
import { openStateStore } from '../../src/store/state-store.ts';
import { settle } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { recordsOf } from './versions.ts';

const pageBytes = 8192;
/** The first byte of a page of rows with no pages below it (https://www.sqlite.org/fileformat.html, "B-tree Pages"). */
const leaf = 10;

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'livestream-rescue-'));
  file = join(folder, 'state.db');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('damage that only a write would meet is found by the start, and costs nothing', async () => {
  for (const [harm, flaw] of [
    [harmFreeRoom, /^Tree \d+ page \d+: free space corruption$/],
    [harmFreePages, /^Freelist: freelist leaf count too big on page \d+$/],
  ] as const) {
    await save();
    await harm();

    const { store, saved, problem, repaired, reported } = openStateStore(folder, noon);
    reported();

    const why = /\((.*)\); every row could be read and was written anew$/.exec(repaired ?? '')?.[1];
    expect(why).toMatch(flaw);
    expect([problem, saved.problems, saved.records]).toEqual([undefined, [], inOrder(recordsOf(1))]);
    await store.save(recordsOf(2).map(change), noon, settle);
    store.close();
    expect(readdirSync(folder)).toEqual(['state.db']);
    expect(opened()).toEqual({
      problem: undefined,
      repaired: undefined,
      saved: { records: inOrder(recordsOf(2)), problems: [] },
    });
    rmSync(file);
  }
});

test('of a file with a page that can not be read only what is on that page is lost, and it is told once', async () => {
  await save();
  const page = pageOfRows('push ');
  overwrite(page, 0, Buffer.alloc(pageBytes));

  const { saved, problem, repaired } = opened();

  expect([problem, repaired]).toEqual([
    `${file} can't be used (Tree 2 page ${page}: btreeInitPage() returns error code 11); it was moved to ` +
      `${file}.unusable-2026-03-01T120000.000Z, and what could not be read of it starts from 0`,
    undefined,
  ]);
  const lost = saved.problems.map((told) => /^push (.*): it is not there$/.exec(told)?.[1]);
  expect(lost.length).toBeGreaterThan(3);
  expect(lost.length).toBeLessThan(30);
  const left = recordsOf(1).map((record) =>
    lost.includes(record.targetKey) ? withoutTotals(record) : record,
  );
  expect(saved.records).toEqual(inOrder(left));
  expect(opened()).toEqual({
    problem: undefined,
    repaired: undefined,
    saved: { records: inOrder(left), problems: [] },
  });
});

test('a row whose key is damaged stands out of order: it is dropped alone, and the others stay', async () => {
  await save();
  const { targetKey } = recordsOf(1)[100] ?? {};
  const bytes = readFileSync(file);
  const at = bytes.indexOf(`target ${targetKey}`);
  bytes.write('z', at);
  writeFileSync(file, bytes);

  const { saved, problem } = opened();

  expect(problem).toBeUndefined();
  expect(saved.problems).toEqual([
    expect.stringMatching(/^zarget .*: the checksum does not fit$/),
    `push ${targetKey}: its target is not there`,
  ]);
  expect(saved.records).toEqual(inOrder(recordsOf(1).filter((record) => record.targetKey !== targetKey)));
});

test('where a page stands in the place of another, no row is read from both', async () => {
  await save();
  const one = pageOfRows('push ');
  const other = pageOfRows('target ', one + 1);
  overwrite(one, 0, readFileSync(file).subarray((other - 1) * pageBytes, other * pageBytes));

  const { saved, problem } = opened();

  expect(problem).toContain('what could not be read of it starts from 0');
  const truth = new Map(recordsOf(1).map((record) => [record.targetKey, record]));
  expect(saved.records.length).toBeGreaterThan(100);
  for (const record of saved.records) {
    const right = truth.get(record.targetKey);
    const isAnew = saved.problems.includes(`push ${record.targetKey}: it is not there`);
    expect(record).toEqual(isAnew && right !== undefined ? withoutTotals(right) : right);
  }
});

async function save(): Promise<void> {
  const { store } = openStateStore(folder, noon);
  await store.save(recordsOf(1).map(change), noon, settle);
  store.close();
}

function opened() {
  const { store, saved, problem, repaired, reported } = openStateStore(folder, noon);
  reported();
  store.close();
  return { saved, problem, repaired };
}

/** A list of free room that leads beyond the page. */
function harmFreeRoom(): void {
  overwrite(pageOfRows('target '), 1, Buffer.from([0x1f, 0xfa]));
}

/** A list of free pages that is longer than a page can hold. */
async function harmFreePages(): Promise<void> {
  const { store } = openStateStore(folder, noon);
  const more = recordsOf(1).map((record) => ({ ...record, targetKey: `${record.targetKey} more` }));
  await store.save(more.map(change), noon, settle);
  await store.remove(more, noon, settle);
  store.close();
  // In the header of the file: the first page of the list.
  const first = readFileSync(file).readUInt32BE(32);
  expect(first).toBeGreaterThan(0);
  overwrite(first, 4, Buffer.from([0x7f]));
}

/** The number of the first page, from this one on, that has rows of this kind. */
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

function inOrder(records: readonly SavedRecord[]): readonly SavedRecord[] {
  return records.toSorted((a, b) => (a.targetKey < b.targetKey ? -1 : 1));
}

function change(record: SavedRecord) {
  return { record, saved: undefined };
}
