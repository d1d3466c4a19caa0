import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readJournal, toJournalText } from '../../src/store/journal-lines.ts';
import { noon } from '../support/samples.ts';
import { inOrder, readState } from '../support/state.ts';
import { expectReportedOnce, saveVersions } from './saved.ts';
import { recordsOf } from './versions.ts';

const name = 'state.journal-000001';
const sectorBytes = 512;

let directory: string;
let journal: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-journal-'));
  journal = join(directory, name);
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('ignores the last append if a crash has interrupted it, wherever', { timeout: 120_000 }, async () => {
  await saveVersions(directory, 1, 2);
  const bytes = readFileSync(journal);
  const start = startOfLast(bytes);
  const database = readFileSync(join(directory, 'state.db'));

  for (let to = start; to <= bytes.length; to += Math.ceil((bytes.length - start) / 20)) {
    // After a power failure, a file can have its full size but not its content.
    for (const rest of [0, bytes.length - to]) {
      writeFileSync(join(directory, 'state.db'), database);
      writeFileSync(journal, Buffer.concat([bytes.subarray(0, to), Buffer.alloc(rest)]));

      const version = to === bytes.length ? 2 : 1;
      expect(readState(directory)).toEqual({ records: inOrder(recordsOf(version)), damage: undefined });
    }
  }
});

test('reports no damage after each crash in the last append, be it the first one or not', () => {
  for (const before of [Buffer.alloc(0), append(1)]) {
    const bytes = Buffer.concat([before, append(2)]);
    const start = before.length;
    const ends = Array.from({ length: bytes.length - start }, (_, i) => start + i);
    const cut = ends.map((end) => bytes.subarray(0, end));
    const filled = cut.map((part) => Buffer.concat([part, Buffer.alloc(bytes.length - part.length)]));
    // A power failure can also have written the later sectors, but not the ones before them.
    const sectors = ends.filter((at) => at === start || at % sectorBytes === 0);
    const holes = sectors.map((at) => {
      const end = Math.min(at - (at % sectorBytes) + sectorBytes, bytes.length);
      return Buffer.from(bytes).fill(0, at, end);
    });
    expect(holes.length).toBeGreaterThan(4);

    for (const crashed of [...cut, ...filled, ...holes]) {
      const { damaged, end, linesOf } = readJournal(crashed, true);

      expect([damaged, end]).toEqual([[], start]);
      expect(linesOf.size).toBe(start === 0 ? 0 : changes);
    }
  }
});

test('reports each flipped bit of the last append, be it the first one or not', () => {
  for (const before of [Buffer.alloc(0), append(1)]) {
    const bytes = Buffer.concat([before, append(2)]);
    const intact = readJournal(bytes, true);
    for (let at = before.length; at < bytes.length; at++) {
      // One bit of each byte is enough for the second one.
      for (const bit of before.length === 0 ? [0, 1, 2, 3, 4, 5, 6, 7] : [at % 8]) {
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        const read = readJournal(bytes, true);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);

        // The byte between a checksum and its line is the only one without a meaning.
        if (read.damaged.length === 0) expect([at, bit, read]).toEqual([at, bit, intact]);
        expect(read.end).toBe(bytes.length);
      }
    }
  }
});

test('drops the record whose last change is damaged, and keeps the others of the same append', async () => {
  await saveVersions(directory, 1, 2);
  const bytes = readFileSync(journal);
  const { targetKey = '' } = recordsOf(1)[7] ?? {};
  const at = bytes.lastIndexOf(`${targetKey}\t[`) + targetKey.length + 3;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(journal, bytes);

  expectReportedOnce(journal, {
    problem: `${targetKey}: the last saved change is damaged (${name})`,
    left: inOrder(recordsOf(2)).filter((record) => record.targetKey !== targetKey),
  });
});

test('keeps the changes of the last append if only its first line is damaged', async () => {
  await saveVersions(directory, 1, 2);
  const bytes = readFileSync(journal);
  const start = startOfLast(bytes);
  bytes.write('9', bytes.indexOf(',', start) - 1);
  writeFileSync(journal, bytes);

  const { records, damage } = readState(directory);

  expect(records).toEqual(inOrder(recordsOf(2)));
  expect(damage).toMatchObject({
    problems: [`${name}: the line at byte ${start} is damaged`],
    isLossy: true,
  });
});

const changes = 12;

/** Returns an append of several sectors. */
function append(version: number): Buffer {
  const entries = Array.from({ length: changes }, (_, i) => ({
    targetKey: `push_stats ["stream-${i}"]`,
    version,
    isWhole: version === 1,
    change: JSON.stringify([[version, i], 'a name of an address, with spaces '.repeat(4), '直播']),
  }));
  return toJournalText(entries, noon + version);
}

function startOfLast(bytes: Buffer): number {
  return bytes.lastIndexOf(' 0 \t[') - '01234567'.length;
}
