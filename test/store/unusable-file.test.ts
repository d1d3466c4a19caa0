import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStateStore } from '../../src/store/state-store.ts';
import { noon } from '../support/samples.ts';
import { openWithDamage, readState } from '../support/state.ts';
import { asOrdinaryUser, damageBody, save, savedPush } from './saved.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-unusable-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('moves a file that is not a database aside, reports it and creates a new one', () => {
  const text = 'not a database, but longer than the header of a database '.repeat(20);
  writeFileSync(join(directory, 'state.db'), text);

  const { records, damage } = readState(directory);

  const movedTo = join(directory, 'state.db.unusable-2026-03-01T120000.000Z');
  expect(damage).toEqual({ problems: ['file is not a database'], isLossy: true, recovered: 0, movedTo });
  expect(records).toEqual([]);
  expect(readFileSync(movedTo, 'utf8')).toBe(text);
  expect(readState(directory).damage).toBeUndefined();
});

test('moves the files that SQLite keeps next to a damaged file together with it', () => {
  const suffixes = ['', '-wal', '-shm'];
  for (const suffix of suffixes) writeFileSync(join(directory, `state.db${suffix}`), `damaged${suffix}`);

  const { damage } = readState(directory);

  expect(suffixes.map((suffix) => readFileSync(damage?.movedTo + suffix, 'utf8'))).toEqual(
    suffixes.map((suffix) => `damaged${suffix}`),
  );
});

test('reports damage before it moves the file, so that a kill in between cannot hide it', async () => {
  await save(directory, [savedPush('news'), savedPush('sport')]);
  damageBody(directory, `record ${savedPush('news').targetKey}`, '[1,', '[9,');
  const killed = () => fail('killed');

  const parts = { lock: { renew: () => false }, onDamage: killed, onRecreated: killed };
  expect(() => openStateStore(directory, noon, parts)).toThrow('killed');

  const { records, damage } = readState(directory, noon + 1);
  expect(damage?.problems).toHaveLength(1);
  expect(records).toEqual([savedPush('sport')]);
});

test('keeps every damaged file', () => {
  const file = join(directory, 'state.db');
  for (const start of [0, 1]) {
    writeFileSync(file, `damaged ${start}`);
    expect(readState(directory, noon + start).damage?.problems).toEqual(['file is not a database']);
  }

  expect(readdirSync(directory).toSorted()).toEqual([
    'state.db',
    'state.db.unusable-2026-03-01T120000.000Z',
    'state.db.unusable-2026-03-01T120000.001Z',
  ]);
});

test('reports no loss if there was no file or somebody deleted it', () => {
  const file = join(directory, 'state.db');
  // A first start that is killed leaves a part of the new file.
  writeFileSync(`${file}.new`, 'SQLite format 3');
  expect(readState(directory).damage).toBeUndefined();

  rmSync(file);
  expect(readState(directory).damage).toBeUndefined();
});

test('moves the file of another program aside and does not write to it', () => {
  const file = join(directory, 'state.db');
  const database = new DatabaseSync(file);
  database.exec('PRAGMA application_id = 1; PRAGMA user_version = 99; CREATE TABLE other (value)');
  database.close();
  const before = readFileSync(file);

  const { damage } = readState(directory);

  expect(damage?.problems).toEqual(['the file belongs to another program']);
  expect(readFileSync(damage?.movedTo ?? '')).toEqual(before);
});

test('leaves a locked file unchanged and throws', async () => {
  await save(directory, [savedPush('news')]);
  const other = new DatabaseSync(join(directory, 'state.db'));
  other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');

  expect(() => openWithDamage(directory)).toThrow(
    `cannot use ${join(directory, 'state.db')}: database is locked (the file is unchanged; stop the other program that uses it)`,
  );

  other.close();
  expect(readState(directory)).toEqual({ records: [savedPush('news')], damage: undefined });
});

test('leaves a file without read or write permission unchanged and throws', async () => {
  await save(directory, [savedPush('news')]);
  const file = join(directory, 'state.db');
  if (process.geteuid?.() === 0) for (const path of [directory, file]) chownSync(path, 65_534, 65_534);

  for (const mode of [0o200, 0o444]) {
    chmodSync(file, mode);
    expect(() => asOrdinaryUser(() => openWithDamage(directory))).toThrow(
      new RegExp(
        `^cannot use ${file}: permission denied: ${file} belongs to user (\\d+) with mode 0${mode.toString(8)}, ` +
          `and this process runs as user \\1 \\(the file is unchanged; run: chmod -R u\\+rwX ${directory}\\)$`,
      ),
    );
  }

  chmodSync(file, 0o600);
  expect(readState(directory)).toEqual({ records: [savedPush('news')], damage: undefined });
});

function fail(message: string): never {
  throw new Error(message);
}
