import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { noon } from '../support/samples.ts';
import { readState } from '../support/state.ts';
import { damageBody, save, savedControl, savedPush } from './saved.ts';

/** Hour of the actions of `savedControl`. */
const hour = noon / 3_600_000;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-rows-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('drops the totals of a stream of a domain with a flipped byte; they start from 0', async () => {
  await save(directory, [savedControl()]);
  const [stream = ''] = savedControl().streams.keys();
  const key = `stream ${savedControl().targetKey} ${stream}`;
  damageBody(directory, key, '"forbid",2', '"forbid",9');

  const { records, damage } = readState(directory);
  expect(damage).toEqual({
    problems: [`${key}: checksum mismatch`],
    isLossy: true,
    recovered: 1,
    movedTo: join(directory, 'state.db.unusable-2026-03-01T120000.000Z'),
  });
  const streams = new Map([...savedControl().streams].slice(1));
  expect(records).toEqual([{ ...savedControl(), streams }]);
});

test('reports damage once: the new file has the intact rows only', async () => {
  await save(directory, [savedPush('news'), savedPush('sport'), savedControl()]);
  damageBody(directory, `record ${savedPush('news').targetKey}`, '[1,', '[9,');
  damageBody(directory, `record ${savedControl().targetKey}`, '[1,', '[9,');
  const first = readState(directory);
  expect(first.damage?.problems.length).toBeGreaterThan(1);
  expect(first.records).toEqual([savedPush('sport')]);

  expect(readState(directory)).toEqual({ records: first.records, damage: undefined });
});

test('limits damage that the checksum does not cover to its own rows', async () => {
  const key = `record ${savedPush('news').targetKey}`;
  for (const [set, problem] of [
    ['version = 1', `${key}: unknown row version 1`],
    ['version = 9223372036854775807', `${key}: unknown row version 9223372036854776000`],
    ['checksum = 9223372036854775807', `${key}: checksum mismatch`],
    ['version = NULL', `${key}: unknown row version 0`],
    ["version = 'two'", `${key}: unknown row version NaN`],
    ['body = NULL', `${key}: the row is not text`],
    ['body = CAST(body AS BLOB)', `${key}: the row is not text`],
    ['key = CAST(key AS BLOB)', 'row with a non-text key: the row is not text'],
  ] as const) {
    await save(directory, [savedPush('news'), savedPush('sport'), savedControl()]);
    withoutTypes((database) => database.exec(`UPDATE ledgers SET ${set} WHERE key = '${key}'`));

    const { records, damage } = readState(directory);

    expect(records).toEqual([savedControl(), savedPush('sport')]);
    // SQLite itself reports a value of the wrong type first.
    expect(damage?.problems.at(-1)).toBe(problem);
    for (const file of readdirSync(directory)) rmSync(join(directory, file));
  }
});

test('drops a domain whose counted actions are damaged or missing, because they would count twice', async () => {
  const { targetKey } = savedControl();
  const key = `seen ${targetKey} ${hour}-0`;
  for (const [sql, problem] of [
    ['UPDATE ledgers SET checksum = checksum + 1 WHERE key = ?', `${key}: checksum mismatch`],
    ['DELETE FROM ledgers WHERE key = ?', `${key}: the row is missing`],
  ] as const) {
    await save(directory, [savedPush('news'), savedControl()]);
    const database = new DatabaseSync(join(directory, 'state.db'));
    database.prepare(sql).run(key);
    database.close();

    const { records, damage } = readState(directory);

    expect(records).toEqual([savedPush('news')]);
    expect(damage?.problems).toEqual([problem]);
    for (const file of readdirSync(directory)) rmSync(join(directory, file));
  }
});

function withoutTypes(work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(join(directory, 'state.db'), { defensive: false });
  const define = (sql: string) => {
    database.exec('PRAGMA writable_schema = ON');
    database.prepare("UPDATE sqlite_schema SET sql = ? WHERE name = 'ledgers'").run(sql);
    database.exec('PRAGMA writable_schema = RESET');
  };
  const { sql } = database.prepare("SELECT sql FROM sqlite_schema WHERE name = 'ledgers'").get() ?? {};
  define('CREATE TABLE ledgers (key PRIMARY KEY, version, body, checksum, saved_at) WITHOUT ROWID');
  work(database);
  define(String(sql));
  database.close();
}
