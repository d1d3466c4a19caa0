import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ControlRecord, countActions, nextControlStep } from '../../src/model/control-record.ts';
import { newPushLedger } from '../../src/model/push-ledger.ts';
import { countAnswer, nextStep, type PushRecord } from '../../src/model/push-record.ts';
import { type SavedRecord, startOrResumeControl, startOrResumePush } from '../../src/model/saved-record.ts';
import { streamKey } from '../../src/model/stream.ts';
import { lockState, StateFolderError, StateLockedError } from '../../src/store/lock.ts';
import { toRowChanges } from '../../src/store/rows.ts';
import { openStateStore } from '../../src/store/state-store.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { settle } from '../support/manual-clock.ts';
import { noon, pushTarget, samplesBetween, streamId } from '../support/samples.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'livestream-state-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('what was saved is loaded again, the same to the last sample seen', async () => {
  const records = [savedPush('news'), savedPush('sport'), savedControl()];
  await save(records);

  const { store, saved, problem } = openStateStore(folder, noon);

  expect(problem).toBeUndefined();
  expect(saved).toEqual({ records: [savedControl(), ...records.slice(0, 2)], problems: [] });
  store.close();
});

test('of targets that came back and had no answer since it is kept where they are watched from', async () => {
  const push = startOrResumePush({ ...savedPush('news'), frozenAt: noon }, pushTarget(), noon + 3_600_000);
  const control = startOrResumeControl(
    { ...savedControl(), frozenAt: noon },
    controlTarget(),
    noon + 3_600_000,
  );
  await save([push, control]);

  expect(reopened()).toEqual({ records: [control, push], problems: [] });
  expect([push, control].map(({ target }) => target.backFrom)).toEqual([noon + 3_530_000, noon + 2_970_000]);
});

test('when any of it was last saved is told, as far as it is known', async () => {
  expect(lastSaved(noon)).toBeUndefined();
  await save([savedPush('news')]);
  await save([savedPush('sport')], noon + 5000);
  expect(lastSaved(noon + 9000)).toBe(noon + 5000);

  // The clock was set back, or the number is damaged.
  expect(lastSaved(noon + 4000)).toBe(noon);
  expect(lastSaved(noon - 1000)).toBeUndefined();
});

test('rows of version 1, which told of each seen row how often, are read as what they meant', async () => {
  const records = [savedPush('news'), savedControl()];
  await save(records);
  toVersion1();

  expect(reopened()).toEqual({ records: [savedControl(), savedPush('news')], problems: [] });
});

test('a row that does not say which application was asked about is read as one that does not', async () => {
  await save([savedControl()]);
  const db = new DatabaseSync(join(folder, 'state.db'));
  const key = `target ${savedControl().targetKey}`;
  const row = db.prepare('SELECT body FROM ledgers WHERE key = ?').get(key);
  const { appName, ...rest } = JSON.parse(String(row?.body));
  const old = JSON.stringify(rest);
  db.prepare('UPDATE ledgers SET body = ?, checksum = ? WHERE key = ?').run(old, crc32(old, crc32(key)), key);
  db.close();

  expect(appName).toBe('');
  expect(reopened()).toEqual({ records: [{ ...savedControl(), appName: undefined }], problems: [] });
});

test('of a record only what changed is written again, and what ended is taken out', () => {
  const before = savedControl();
  const streams = new Map([...before.streams].slice(0, 1));
  const after: ControlRecord = { ...before, streams };

  const changes = [...toRowChanges(after, before)].map(({ key, row }) => [key, row === undefined]);

  expect(changes).toEqual([
    [`target ${before.targetKey}`, false],
    [`control ${before.targetKey} ${[...before.streams.keys()][1]}`, true],
  ]);
});

test('a save that fails leaves what was saved before', async () => {
  const { store } = openStateStore(folder, noon);
  await store.save([change(savedPush('news'))], noon, settle);
  const unsavable = { ...savedPush('sport'), push: { toJSON: () => fail('the disk refuses') } };

  // The cast makes a record that throws while it is written, in the middle of a transaction.
  await expect(
    store.save([change(savedPush('weather')), change(unsavable as unknown as SavedRecord)], noon, settle),
  ).rejects.toThrow('the disk refuses');
  store.close();
  expect(reopened().records).toEqual([savedPush('news')]);
});

test('a record of many rows is saved as a whole, and the loop turns meanwhile', async () => {
  const { store } = openStateStore(folder, noon);
  const large = manyStreams(1000);
  const seen: (number | undefined)[] = [];
  const other = new DatabaseSync(join(folder, 'state.db'), { readOnly: true });
  const count = other.prepare('SELECT count(*) AS rows FROM ledgers');

  await store.save([change(large)], noon, async () => void seen.push(Number(count.get()?.rows)));

  expect(seen).toEqual([0, 0, 0, 0, 0]);
  expect(count.get()).toEqual({ rows: 1002 });
  other.close();
  store.close();
  expect(reopened()).toEqual({ records: [large], problems: [] });
});

test('a forgotten record is gone, with all its rows', async () => {
  const { store } = openStateStore(folder, noon);
  await store.save([savedPush('news'), savedPush('sport'), savedControl()].map(change), noon, settle);

  await store.remove([savedPush('news'), savedControl()], noon, settle);

  store.close();
  expect(reopened()).toEqual({ records: [savedPush('sport')], problems: [] });
});

test('totals with a flipped byte are dropped and begin anew, and their target does not count again', async () => {
  await save([savedPush('news')]);
  const key = `push ${savedPush('news').targetKey}`;
  damage(key, '"samples":12', '"samples":92');

  const { records, problems } = reopened();
  expect(problems).toEqual([`${key}: the checksum does not fit`]);
  expect(records).toEqual([{ ...savedPush('news'), push: newPushLedger(noon - 70_000) }]);
});

test('damage is told once: what can be used is written anew, and the rest is gone', async () => {
  await save([savedPush('news'), savedPush('sport'), savedControl()]);
  damage(`push ${savedPush('news').targetKey}`, '"samples":12', '"samples":92');
  damage(`target ${savedControl().targetKey}`, '"watermark":1', '"watermark":2');
  const first = reopened();
  expect(first.problems.length).toBeGreaterThan(1);

  expect(reopened()).toEqual({ records: first.records, problems: [] });
});

test('damage that the checksum does not cover costs the rows that it is in, and no others', async () => {
  const key = `target ${savedPush('news').targetKey}`;
  const totalsKey = `push ${savedPush('news').targetKey}`;
  const withoutTarget = `${totalsKey}: its target is not there`;
  for (const [set, problem] of [
    ['version = 1', `${key}: its body is not of row version 1`],
    ['version = 9223372036854775807', `${key}: row version 9223372036854776000 is not known`],
    ['checksum = 9223372036854775807', `${key}: the checksum does not fit`],
    ['version = NULL', `${key}: row version 0 is not known`],
    ["version = 'two'", `${key}: row version NaN is not known`],
    ['body = NULL', `${key}: it is no text`],
    ['body = CAST(body AS BLOB)', `${key}: it is no text`],
    ['key = CAST(key AS BLOB)', 'a row whose key is no text: it is no text'],
  ] as const) {
    await save([savedPush('news'), savedPush('sport'), savedControl()]);
    withoutTypes((database) => database.exec(`UPDATE ledgers SET ${set} WHERE key = '${key}'`));

    expect(reopened()).toEqual({
      records: [savedControl(), savedPush('sport')],
      problems: [problem, withoutTarget],
    });
  }
});

test('rows of version 1 that say they are of another are told, and never read as what they do not mean', async () => {
  await save([savedPush('news'), savedPush('sport')]);
  toVersion1();
  const key = `target ${savedPush('news').targetKey}`;
  withoutTypes((database) => database.exec(`UPDATE ledgers SET version = 2 WHERE key = '${key}'`));

  expect(reopened()).toEqual({
    records: [savedPush('sport')],
    problems: [
      `${key}: its body is not of row version 2`,
      `push ${savedPush('news').targetKey}: its target is not there`,
    ],
  });
});

test('totals whose target is damaged are dropped with it: the last minutes would be counted twice', async () => {
  await save([savedPush('news'), savedPush('sport')]);
  const key = `target ${savedPush('news').targetKey}`;
  damage(key, '"watermark":1', '"watermark":2');

  expect(reopened()).toEqual({
    records: [savedPush('sport')],
    problems: [
      `${key}: the checksum does not fit`,
      `push ${savedPush('news').targetKey}: its target is not there`,
    ],
  });
});

test('a file that is no database is moved aside, loudly, and a new one begun', () => {
  writeFileSync(
    join(folder, 'state.db'),
    'no database at all, but long enough to be looked at as one '.repeat(20),
  );

  const { store, saved, problem, reported } = openStateStore(folder, noon);
  reported();

  expect(problem).toBe(
    `${join(folder, 'state.db')} can't be used (file is not a database); it was moved to ` +
      `${join(folder, 'state.db.unusable-2026-03-01T120000.000Z')}, and all totals start from 0`,
  );
  expect(saved).toEqual({ records: [], problems: [] });
  store.close();
  expect(readdirSync(folder)).toContain('state.db.unusable-2026-03-01T120000.000Z');
});

test('a reset is told by each start until one has told it, also by one that was killed in it', async () => {
  const file = join(folder, 'state.db');
  const aside = `${file}.unusable-2026-03-01T120000.000Z`;
  const suffixes = ['', '-wal', '-shm'];
  for (const suffix of suffixes) writeFileSync(file + suffix, 'damaged');
  openStateStore(folder, noon).store.close();
  // As it was before the last steps.
  renameSync(file, `${file}.new`);
  for (const suffix of ['-wal', '-shm']) {
    renameSync(`${file}.untold-2026-03-01T120000.000Z${suffix}`, file + suffix);
  }

  for (let start = 1; start <= 2; start++) {
    const { store, problem, reported } = openStateStore(folder, noon + start);
    store.close();
    expect(problem).toBe(
      `${file} can't be used (the start that found out why was broken off); it was moved to ${aside}, ` +
        'and all totals start from 0',
    );
    if (start === 2) reported();
  }

  const { store, saved, problem } = openStateStore(folder, noon + 3);
  store.close();
  expect([problem, saved]).toEqual([undefined, { records: [], problems: [] }]);
  expect(suffixes.map((suffix) => readFileSync(aside + suffix, 'utf8'))).toEqual(Array(3).fill('damaged'));
});

test('what is moved aside is kept, also when the new file is damaged before the first was told of', () => {
  const file = join(folder, 'state.db');
  const tellers = [0, 1].map((start) => {
    writeFileSync(file, `damaged ${start}`);
    const { store, problem, reported } = openStateStore(folder, noon + start);
    store.close();
    return { problem, reported };
  });

  expect(tellers[1]?.problem).toContain(
    `(file is not a database); it was moved to ${file}.unusable-2026-03-01T120000.001Z and ` +
      `${file}.unusable-2026-03-01T120000.000Z,`,
  );
  tellers[1]?.reported();
  expect(readdirSync(folder).toSorted()).toEqual([
    'state.db',
    'state.db.unusable-2026-03-01T120000.000Z',
    'state.db.unusable-2026-03-01T120000.001Z',
  ]);
});

test('where no state was, or somebody took it away, none is said to be lost', () => {
  const file = join(folder, 'state.db');
  openStateStore(folder, noon).store.close();
  // As a first start leaves it that is killed before the file is in its place.
  renameSync(file, `${file}.new`);
  expect(toldAtStart()).toBeUndefined();

  writeFileSync(file, 'damaged');
  expect(toldAtStart()).toContain('file is not a database');
  rmSync(file);
  expect(toldAtStart()).toBeUndefined();
});

test('the file of another program and one of a newer version are moved aside, not written to', () => {
  for (const [pragmas, reason] of [
    ['PRAGMA application_id = 1', 'it belongs to another program'],
    ['PRAGMA user_version = 99', 'it was written by a newer version of this program (file version 99)'],
  ] as const) {
    openStateStore(folder, noon).store.close();
    const database = new DatabaseSync(join(folder, 'state.db'));
    database.exec(pragmas);
    database.close();

    const { store, problem } = openStateStore(folder, noon);
    store.close();

    expect(problem).toContain(reason);
    for (const file of readdirSync(folder)) rmSync(join(folder, file));
  }
});

test('a file that is only locked just now is not moved aside: its totals would be lost', async () => {
  await save([savedPush('news')]);
  const other = new DatabaseSync(join(folder, 'state.db'));
  other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');

  expect(() => openStateStore(folder, noon)).toThrow(
    `${join(folder, 'state.db')} can't be used now and is left as it is: database is locked`,
  );

  other.close();
  expect(reopened()).toEqual({ records: [savedPush('news')], problems: [] });
});

test('a file that this user may not read, or not write, is not moved aside: it is whole', async () => {
  await save([savedPush('news')]);
  const file = join(folder, 'state.db');
  chmodSync(folder, 0o777);

  chmodSync(file, 0o200);
  expect(() => asOrdinaryUser(() => openStateStore(folder, noon))).toThrow(
    `${file} can't be used now and is left as it is: EACCES: permission denied, open '${file}'`,
  );
  chmodSync(file, 0o444);
  expect(() => asOrdinaryUser(() => openStateStore(folder, noon))).toThrow(
    `${file} can't be used now and is left as it is: attempt to write a readonly database`,
  );

  chmodSync(file, 0o644);
  expect(reopened()).toEqual({ records: [savedPush('news')], problems: [] });
});

test('a second daemon is told who has the state, and has it once the first let go', () => {
  const release = lockState(folder, { pid: 4711, startedAt: '2026-03-01T12:00:00Z' });

  expect(() => lockState(folder, { pid: 4712, startedAt: 'later' })).toThrow(StateLockedError);
  expect(() => lockState(folder, { pid: 4712, startedAt: 'later' })).toThrow(
    'in use by process 4711, started 2026-03-01T12:00:00Z',
  );
  release();

  lockState(folder, { pid: 4712, startedAt: 'later' })();
});

test('a damaged lock, which holds nothing, is no hindrance, and does not let in a second one', () => {
  const file = join(folder, 'lock.db');
  for (const damaged of [Buffer.alloc(4096, 'A'), Buffer.alloc(4096), Buffer.from('SQLite format 3\0A')]) {
    writeFileSync(file, damaged);
    const release = lockState(folder, { pid: 4711, startedAt: '2026-03-01T12:00:00Z' });

    // As a daemon leaves it that found it damaged as well, and was slower.
    truncateSync(file);
    expect(() => lockState(folder, { pid: 4712, startedAt: 'later' })).toThrow(StateLockedError);
    writeFileSync(file, damaged);
    expect(() => lockState(folder, { pid: 4712, startedAt: 'later' })).toThrow(StateLockedError);
    release();
  }

  lockState(folder, { pid: 4712, startedAt: 'later' })();
});

test('a folder that is there and may only be read, such as one mounted read-only, is told, and its state is whole', async () => {
  await save([savedPush('news')]);
  lockState(folder, { pid: 1, startedAt: 'before' })();
  chmodSync(folder, 0o555);

  expect(() => asOrdinaryUser(() => lockState(folder, { pid: 2, startedAt: 'now' }))).toThrow(
    StateFolderError,
  );
  expect(() => asOrdinaryUser(() => openStateStore(folder, noon))).toThrow('is left as it is');

  chmodSync(folder, 0o755);
  expect(reopened()).toEqual({ records: [savedPush('news')], problems: [] });
});

test('a folder is made with the parents that are missing', () => {
  const deep = join(folder, 'a', 'b', 'c');

  lockState(deep, { pid: 1, startedAt: '' })();
  lockState(join(deep, '..', 'd'), { pid: 1, startedAt: '' })();

  expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['c', 'd']);
});

test('a folder that cannot be made is told, with what to do', () => {
  writeFileSync(join(folder, 'file'), '');

  expect(() => lockState(join(folder, 'file', 'data'), { pid: 1, startedAt: '' })).toThrow(
    `no state can be kept in ${join(folder, 'file', 'data')}: ENOTDIR: not a directory, mkdir ` +
      `'${join(folder, 'file', 'data')}'; name a folder that can be written with --storage.path`,
  );
});

function savedPush(name: string): PushRecord {
  const target = pushTarget({ stream: streamId({ stream: name }) });
  const limits = { spanMs: 7_200_000, retentionMs: 259_200_000, periodMs: 5000 };
  const begun = startOrResumePush(undefined, target, noon);
  const step = nextStep(begun.target, target, limits, noon);
  const samples = samplesBetween(noon - 60_000, noon);
  return { ...begun, ...countAnswer(begun, step, target, limits, noon, samples).record };
}

function savedControl(): ControlRecord {
  const target = controlTarget();
  const begun = startOrResumeControl(undefined, target, noon);
  const step = nextControlStep(begun, target, { spanMs: 604_800_000, retentionMs: 604_800_000 }, noon);
  const actions = [controlAction(), controlAction(), controlAction({ stream: 'sport', action: 'resume' })];
  const bounds = { now: noon, actionLabels: new Set<string>(), freeStreams: 10 };
  return { ...begun, ...countActions(begun, step, target, bounds, actions).record };
}

function reopened() {
  const { store, saved } = openStateStore(folder, noon);
  store.close();
  return saved;
}

function toldAtStart(): string | undefined {
  const { store, problem, reported } = openStateStore(folder, noon);
  store.close();
  reported();
  return problem;
}

function change(record: SavedRecord) {
  return { record, saved: undefined };
}

/** To root, no permission is ever denied. */
function asOrdinaryUser<T>(work: () => T): T {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

function manyStreams(streams: number): ControlRecord {
  const ledgers = Array.from({ length: streams }, (_, i) => {
    const stream = { ...streamId({ stream: `s${i}` }), provider: 'alibaba' as const };
    const forbid = { count: i, lastAt: noon, leftZero: false };
    return [streamKey(stream), { stream, actions: { forbid } }] as const;
  });
  return { ...savedControl(), streams: new Map(ledgers) };
}

async function save(records: readonly SavedRecord[], now = noon): Promise<void> {
  const { store } = openStateStore(folder, now);
  await store.save(records.map(change), now, settle);
  store.close();
}

function lastSaved(now: number): number | undefined {
  const { store, savedAt } = openStateStore(folder, now);
  store.close();
  return savedAt;
}

function damage(key: string, from: string, to: string): void {
  const database = new DatabaseSync(join(folder, 'state.db'));
  const { changes } = database
    .prepare('UPDATE ledgers SET body = replace(body, ?, ?) WHERE key = ?')
    .run(from, to, key);
  database.close();
  expect(changes).toBe(1);
}

/** As if its columns took any type, as they do where the file is damaged. */
function withoutTypes(work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(join(folder, 'state.db'), { defensive: false });
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

/** Writes the rows as version 1 had them. */
function toVersion1(): void {
  const db = new DatabaseSync(join(folder, 'state.db'));
  const write = db.prepare('UPDATE ledgers SET version = 1, body = ?, checksum = ? WHERE key = ?');
  for (const { key, body } of db.prepare('SELECT key, body FROM ledgers').all()) {
    const { seen, ...rest } = JSON.parse(String(body));
    const told = Map.groupBy<string, unknown>(seen ?? [], (row) => JSON.stringify(row));
    const counted = [...told].map(([row, equal]) => [JSON.parse(row), equal.length, null]);
    const old = JSON.stringify(seen === undefined ? rest : { ...rest, seen: counted });
    write.run(old, crc32(old, crc32(String(key))), String(key));
  }
  db.close();
}

function fail(message: string): never {
  throw new Error(message);
}
