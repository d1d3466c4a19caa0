import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ControlRecord, countActions, nextControlStep } from '../../src/model/control-record.ts';
import { withEnd } from '../../src/model/row-list.ts';
import { startOrResumeControl, startOrResumePush } from '../../src/model/saved-record.ts';
import { streamKey } from '../../src/model/stream.ts';
import { toRecordRows } from '../../src/store/record-rows.ts';
import { openStateStore } from '../../src/store/state-store.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { noon, pushTarget, streamId } from '../support/samples.ts';
import { change, foldAll, openWithDamage, readState } from '../support/state.ts';
import { writeEarlierFile } from './earlier.ts';
import { asOrdinaryUser, damageBody, save, savedPush } from './saved.ts';

/** Hour of the actions of `savedControl`. */
const hour = noon / 3_600_000;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-state-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('loads the saved records, equal to the last sample', async () => {
  const records = [savedPush('news'), savedPush('sport'), savedControl()];
  await save(directory, records);

  expect(readState(directory)).toEqual({
    records: [savedControl(), ...records.slice(0, 2)],
    damage: undefined,
  });
});

test('says in which directory the state cannot be created if something is in the place of its files', () => {
  mkdirSync(join(directory, 'state.db-wal'));

  expect(() => openWithDamage(directory)).toThrow(
    new RegExp(
      `^cannot store state in ${directory}: .*EISDIR.*; choose a writable directory with --storage.path$`,
    ),
  );
  expect(readdirSync(directory)).not.toContain('state.db');
});

test('keeps the time from which a resumed target is polled until its first answer', async () => {
  const push = startOrResumePush({ ...savedPush('news'), frozenAt: noon }, pushTarget(), noon + 3_600_000);
  const control = startOrResumeControl(
    { ...savedControl(), frozenAt: noon },
    controlTarget(),
    noon + 3_600_000,
  );
  await save(directory, [push, control]);

  expect(readState(directory)).toEqual({ records: [control, push], damage: undefined });
  expect([push, control].map(({ target }) => target.backFrom)).toEqual([noon + 3_530_000, noon + 2_970_000]);
});

test('returns the time of the last save, as far as it is known', async () => {
  expect(lastSaved(noon)).toBeUndefined();
  await save(directory, [savedPush('news')]);
  await save(directory, [savedPush('sport')], noon + 5000);
  expect(lastSaved(noon + 9000)).toBe(noon + 5000);

  // The clock was set back, or the number is damaged.
  expect(lastSaved(noon + 4000)).toBe(noon);
  expect(lastSaved(noon - 1000)).toBeUndefined();
});

test('reads a record without an application name, as earlier versions wrote it', async () => {
  const { appName: _, ...earlier } = savedControl();
  writeEarlierFile(directory, [earlier as ControlRecord]);

  expect(readState(directory)).toEqual({
    records: [{ ...savedControl(), appName: undefined }],
    damage: undefined,
  });
});

test('writes only the changed rows of a domain, and deletes the rows of removed streams', () => {
  const before = savedControl();
  const streams = new Map([...before.streams].slice(0, 1));
  const after: ControlRecord = { ...before, streams };

  const changes = [...toRecordRows({ version: 2, record: after }, before, noon)];

  expect(changes.map(({ key, row }) => [key, row === undefined])).toEqual([
    [`record ${before.targetKey}`, false],
    [`stream ${before.targetKey} ${[...before.streams.keys()][1]}`, true],
  ]);
});

test('folds a domain of many streams and actions into rows of limited size, and reads it', async () => {
  const large = manyStreams(1000);
  const actions = Array.from({ length: 1200 }, (_, i) => controlAction({ actedAt: noon + i }));
  const record = { ...large, target: { ...large.target, seen: withEnd([], {}, actions) } };
  const { store } = openWithDamage(directory);
  await store.save([change(record)], noon);

  foldAll(store);

  const database = new DatabaseSync(join(directory, 'state.db'), { readOnly: true });
  const rows = database.prepare("SELECT key FROM ledgers WHERE key LIKE 'seen %'").all();
  database.close();
  store.close();
  expect(rows.map(({ key }) => String(key).split(' ').at(-1))).toEqual(
    [0, 1, 2].map((part) => `${hour}-${part}`),
  );
  expect(readState(directory)).toEqual({ records: [record], damage: undefined });
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

function savedControl(): ControlRecord {
  const target = controlTarget();
  const started = startOrResumeControl(undefined, target, noon);
  const step = nextControlStep(started, target, { spanMs: 604_800_000, retentionMs: 604_800_000 }, noon);
  const actions = [controlAction(), controlAction(), controlAction({ stream: 'sport', action: 'resume' })];
  const bounds = { now: noon, actionLabels: new Set<string>() };
  return { ...started, ...countActions(started, step, target, bounds, actions).record };
}

function manyStreams(streams: number): ControlRecord {
  const ledgers = Array.from({ length: streams }, (_, i) => {
    const stream = { ...streamId({ stream: `s${i}` }), provider: 'alibaba' as const };
    const forbid = { count: i, lastAt: noon, leftZero: false };
    return [streamKey(stream), { stream, actions: { forbid } }] as const;
  });
  return { ...savedControl(), streams: new Map(ledgers) };
}

function lastSaved(now: number): number | undefined {
  const { store, savedAt } = openWithDamage(directory, now);
  store.close();
  return savedAt;
}

/** Removes the column types during the work: in a damaged file, a value can have any type. */
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

function fail(message: string): never {
  throw new Error(message);
}
