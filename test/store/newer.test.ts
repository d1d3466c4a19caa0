import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWithDamage, readState } from '../support/state.ts';
import { save, savedPush } from './saved.ts';

let directory: string;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-newer-'));
  await save(directory, [savedPush('news'), savedPush('sport')]);
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

const remedy =
  '(the file is unchanged; start the newer version again, or restore a copy of the state from before the upgrade; ' +
  'to start with new totals instead, choose another --storage.path)';

test('refuses the file of a newer version, and leaves it as it is', () => {
  change('PRAGMA user_version = 99');
  const before = contentOf(directory);

  expect(() => openWithDamage(directory)).toThrow(
    `cannot use ${join(directory, 'state.db')}: a newer version of this program wrote it: file version 99, ` +
      `but this version supports at most 3 ${remedy}`,
  );

  expect(contentOf(directory)).toEqual(before);
});

test('does not write the write-ahead log that a killed newer version has left', () => {
  change('PRAGMA user_version = 99');
  const killed = mkdtempSync(join(tmpdir(), 'livestream-newer-'));
  const database = new DatabaseSync(join(directory, 'state.db'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; DELETE FROM ledgers');
  cpSync(directory, killed, { recursive: true });
  database.close();
  const before = contentOf(killed);
  expect(before.get('state.db-wal')?.length).toBeGreaterThan(0);

  expect(() => openWithDamage(killed)).toThrow('file version 99');

  expect(contentOf(killed)).toEqual(before);
  rmSync(killed, { recursive: true });
});

test('refuses a file whose newer version is only in the write-ahead log', () => {
  const killed = mkdtempSync(join(tmpdir(), 'livestream-newer-'));
  const database = new DatabaseSync(join(directory, 'state.db'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 99');
  cpSync(directory, killed, { recursive: true });
  database.close();

  expect(() => openWithDamage(killed)).toThrow('file version 99');

  expect(readdirSync(killed)).toContain('state.db');
  rmSync(killed, { recursive: true });
});

test('refuses a file with a single row of a newer version, and leaves it as it is', () => {
  for (const [key, version] of [
    [`record ${savedPush('news').targetKey}`, 4],
    [`record ${savedPush('sport').targetKey}`, 17],
  ] as const) {
    const file = join(directory, 'state.db');
    const intact = readFileSync(file);
    const body = '{"shape":"unknown"}';
    const checksum = crc32(String(version), crc32(body, crc32(key)));
    change(
      `UPDATE ledgers SET version = ${version}, body = '${body}', checksum = ${checksum} WHERE key = '${key}'`,
    );
    const before = contentOf(directory);

    expect(() => openWithDamage(directory)).toThrow(
      `cannot use ${file}: a newer version of this program wrote it: row version ${version} of ${key} ${remedy}`,
    );

    expect(contentOf(directory)).toEqual(before);
    writeFileSync(file, intact);
  }
  expect(readState(directory).records).toHaveLength(2);
});

test('treats a damaged version number as damage, not as a newer version', () => {
  const key = `record ${savedPush('news').targetKey}`;
  change(`UPDATE ledgers SET version = 4 WHERE key = '${key}'`);

  const { records, damage } = readState(directory);

  expect(records).toEqual([savedPush('sport')]);
  expect(damage?.problems[0]).toBe(`${key}: unknown row version 4`);
});

function change(sql: string): void {
  const database = new DatabaseSync(join(directory, 'state.db'));
  database.exec(sql);
  database.close();
}

function contentOf(at: string): ReadonlyMap<string, Buffer> {
  return new Map(readdirSync(at).map((name) => [name, readFileSync(join(at, name))]));
}
