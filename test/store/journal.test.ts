import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SavedRecord } from '../../src/model/saved-record.ts';
import { createJournal } from '../../src/store/journal.ts';
import { readJournal, toJournalText } from '../../src/store/journal-lines.ts';
import { noon } from '../support/samples.ts';
import { change, inOrder, openWithDamage, readState } from '../support/state.ts';
import { writeEarlierFile } from './earlier.ts';
import { damageBody, saveVersions } from './saved.ts';
import { recordsOf } from './versions.ts';

const name = 'state.journal-000001';

let directory: string;
let journal: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-journal-'));
  journal = join(directory, name);
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('writes a line per change, each with its checksum', () => {
  const entry = { targetKey: 'push_stats ["a"]', version: 7, isWhole: false, change: '[[1]]' };

  const text = toJournalText([entry, { ...entry, version: 1, isWhole: true, change: '["é"]' }], noon);

  expect(text.toString().replaceAll(/^\w{8}/gm, 'checksum')).toBe(
    'checksum 0 \t[1772366400000,70]\nchecksum 7 push_stats ["a"]\t[[1]]\nchecksum 1= push_stats ["a"]\t["é"]\n',
  );
  const { linesOf, ...rest } = readJournal(text, true);
  const lines = linesOf.get('push_stats ["a"]') ?? [];
  expect(
    lines.map(({ from, to, ...line }) => ({ ...line, change: text.toString('utf8', from, to) })),
  ).toEqual([
    { version: 7, isWhole: false, change: '[[1]]', savedAt: noon },
    { version: 1, isWhole: true, change: '["é"]', savedAt: noon },
  ]);
  expect([linesOf.size, rest]).toEqual([1, { damaged: [], savedAt: noon, end: text.length }]);
});

test.each([Number.NaN, -1, 2 ** 52])('takes a line of version %s for damaged', (version) => {
  const text = toJournalText(
    [{ targetKey: 'push_stats ["a"]', version, isWhole: true, change: '[[1]]' }],
    noon,
  );

  const { linesOf, damaged } = readJournal(text, false);

  expect([linesOf.size, damaged.map((line) => line.targetKey)]).toEqual([0, ['push_stats ["a"]']]);
});

test('appends only the difference, and restores the newest version', async () => {
  await saveVersions(directory, 1, 5);

  const sizes = readFileSync(journal, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"stream-7"]\t'))
    .map((line) => line.length);
  expect(sizes).toHaveLength(5);
  expect(Math.max(...sizes.slice(1))).toBeLessThan(200);
  expect(readState(directory)).toEqual({ records: versions(5), damage: undefined });
  expect(readdirSync(directory)).toEqual(['state.db']);
});

test('folds a journal twice without an effect, as after a kill before the journal was deleted', async () => {
  await saveVersions(directory, 1, 4);
  const bytes = readFileSync(journal);
  expect(readState(directory).records).toEqual(versions(4));

  writeFileSync(journal, bytes);
  expect(readState(directory)).toEqual({ records: versions(4), damage: undefined });

  await saveVersions(directory, 5, 6);
  const newer = readFileSync(journal);
  expect(readState(directory).records).toEqual(versions(6));
  writeFileSync(journal, bytes);
  writeFileSync(join(directory, 'state.journal-000002'), newer);
  expect(readState(directory)).toEqual({ records: versions(6), damage: undefined });
});

test('reports a journal that is missing between two others, and keeps what the others contain', async () => {
  const first = versions(3).slice(0, 1);
  for (const [number, records] of [versions(1), versions(2), first].entries()) {
    await saveWhole(records);
    renameSync(journal, join(directory, `part-${number + 1}`));
  }
  for (const number of [1, 3]) renameSync(join(directory, `part-${number}`), pathOf(number));

  const { records, damage } = readState(directory);

  expect(records).toEqual([...first, ...versions(1).slice(1)]);
  expect(damage).toEqual({
    problems: ['state.journal-000002: the file is missing'],
    isLossy: true,
    recovered: records.length + 1,
    movedTo: undefined,
  });
  expect(readState(directory)).toEqual({ records, damage: undefined });
});

test('overwrites what a failed append has left', () => {
  const log = createJournal(directory);
  log.append(Buffer.from('first\n'), noon);
  const failing = new Proxy(Buffer.from('second'), {
    get(target, property) {
      if (property === 'length') throw new Error('the write fails');
      return Reflect.get(target, property);
    },
  });
  expect(() => log.append(failing, noon)).toThrow('the write fails');
  log.append(Buffer.from('third\n'), noon);
  log.close();

  expect(readFileSync(journal, 'utf8')).toBe('first\nthird\n');
});

test('leaves no open file and no journal if the disk fails to create it', () => {
  let isFailing = true;
  const log = createJournal(directory, () => {
    if (isFailing) throw new Error('the disk fails');
  });
  const openFiles = () => readdirSync('/proc/self/fd').length;
  const before = openFiles();
  for (let i = 0; i < 5; i++)
    expect(() => log.append(Buffer.from('first\n'), noon)).toThrow('the disk fails');

  expect([openFiles(), readdirSync(directory)]).toEqual([before, []]);
  isFailing = false;
  log.append(Buffer.from('second\n'), noon);
  log.close();
  expect(readFileSync(journal, 'utf8')).toBe('second\n');
});

test('reports the journal of a missing state file, and moves it aside', async () => {
  await saveVersions(directory, 1, 1);
  rmSync(join(directory, 'state.db'));

  const movedTo = `${journal}.unusable-2026-03-01T120000.000Z`;
  expect(readState(directory)).toEqual({
    records: [],
    damage: {
      problems: ['state.db is missing, and its journal is useless without it'],
      isLossy: true,
      recovered: 0,
      movedTo,
    },
  });
  expect(readdirSync(directory).map((name) => join(directory, name))).toContain(movedTo);
  expect(readState(directory)).toEqual({ records: [], damage: undefined });
});

test('takes over the file of an earlier version, and moves journals beside it aside', async () => {
  writeEarlierFile(directory, recordsOf(3));
  writeFileSync(journal, 'the journal of a newer version that was used in between\n');

  expect(readState(directory)).toEqual({ records: versions(3), damage: undefined });
  expect(readdirSync(directory).toSorted()).toEqual(['state.db', `${name}.unusable-2026-03-01T120000.000Z`]);
  expect(readState(directory)).toEqual({ records: versions(3), damage: undefined });
});

test('reads the file and the journal of the first version with a journal, which then refuses them', async () => {
  await saveVersions(directory, 1, 3);
  const userVersion = (sql = 'PRAGMA user_version') => {
    const database = new DatabaseSync(join(directory, 'state.db'));
    const row = database.prepare(sql).get();
    database.close();
    return row?.user_version;
  };
  userVersion('PRAGMA user_version = 2');

  expect(readState(directory)).toEqual({ records: versions(3), damage: undefined });
  expect(userVersion()).toBe(3);
});

test('moves journals beside the file of an earlier version aside, even if the first attempt or a row fails', async () => {
  await saveVersions(directory, 1, 3);
  const foreign = readFileSync(journal);
  const blocked = `${journal}.unusable-2026-03-01T120000.000Z`;
  const [first, ...others] = versions(2);

  for (const isDamaged of [false, true]) {
    for (const entry of readdirSync(directory)) rmSync(join(directory, entry), { recursive: true });
    writeEarlierFile(directory, recordsOf(2));
    if (isDamaged) damageBody(directory, `target ${first?.targetKey}`, '0', '1');
    writeFileSync(journal, foreign);
    mkdirSync(blocked);

    expect(() => readState(directory)).toThrow('EISDIR');
    rmSync(blocked, { recursive: true });

    const expected = isDamaged ? others : versions(2);
    expect(readState(directory).records).toEqual(expected);
    expect(readFileSync(blocked)).toEqual(foreign);
    expect(readState(directory).records).toEqual(expected);
  }
});

/** Saves whole records to a new journal. */
async function saveWhole(records: readonly SavedRecord[]): Promise<void> {
  const { store } = openWithDamage(directory);
  await store.save(records.map(change), noon);
  store.close();
}

function pathOf(number: number): string {
  return join(directory, `state.journal-00000${number}`);
}

function versions(version: number): readonly SavedRecord[] {
  return inOrder(recordsOf(version));
}
