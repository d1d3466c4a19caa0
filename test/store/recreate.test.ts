import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockState, type StateLock, StateLockedError } from '../../src/store/lock.ts';
import { noon } from '../support/samples.ts';
import { change, openWithDamage, readState } from '../support/state.ts';
import { save, savedPush } from './saved.ts';

const self = { pid: 4711, startedAt: '2026-03-01T12:00:00Z' };
const other = { pid: 4712, startedAt: '2026-03-01T12:30:00Z' };

let parent: string;
let directory: string;
let file: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'livestream-recreate-'));
  directory = join(parent, 'data');
  file = join(directory, 'state.db');
});

afterEach(() => {
  rmSync(parent, { recursive: true });
});

const remove = (path: string) => () => rmSync(path, { recursive: true });

/** Accidents while the exporter runs, and the reported reason. */
const accidents: Readonly<Record<string, readonly [accident: () => void, why: string]>> = {
  'the directory is deleted': [() => remove(directory)(), 'state.db is missing'],
  'the directory is renamed': [() => renameSync(directory, join(parent, 'old')), 'state.db is missing'],
  'the directory is replaced by an empty one': [
    () => {
      rmSync(directory, { recursive: true });
      mkdirSync(directory);
    },
    'state.db is missing',
  ],
  'all files are deleted': [
    () => {
      for (const name of readdirSync(directory)) rmSync(join(directory, name));
    },
    'state.db is missing',
  ],
  'the state file is deleted': [() => remove(file)(), 'state.db is missing'],
  'the write-ahead log is deleted': [() => remove(`${file}-wal`)(), 'state.db-wal is missing'],
  'the index of the log is deleted': [() => remove(`${file}-shm`)(), 'state.db-shm is missing'],
  'the write-ahead log is replaced': [
    () => {
      cpSync(`${file}-wal`, `${file}-copy`);
      renameSync(`${file}-copy`, `${file}-wal`);
    },
    'state.db-wal is another file',
  ],
  'the journal is deleted': [
    () => remove(join(directory, 'state.journal-000001'))(),
    'state.journal-000001 is missing',
  ],
  'the lock file is deleted': [
    () => remove(join(directory, 'lock.db'))(),
    'the lock file was deleted or replaced',
  ],
};

for (const [name, [accident, why]] of Object.entries(accidents)) {
  test(`saves everything again and locks again if ${name}`, async () => {
    const { store, recreations, lock } = await openWithRecord();

    accident();
    await store.save([change(savedPush('sport'))], noon);

    expect(stateAfterKill()).toEqual([savedPush('news'), savedPush('sport')]);
    expect(recreations).toEqual([{ why, movedTo: undefined }]);
    expect(() => lockState(directory, other)).toThrow(StateLockedError);

    await store.save([change(savedPush('weather'))], noon);
    store.close();
    lock.release();
    const files = readdirSync(directory).filter((each) => !each.startsWith('state.journal-'));
    expect(files.toSorted()).toEqual(['lock.db', 'state.db']);
    expect(readState(directory).records).toHaveLength(3);
    expect(recreations).toHaveLength(1);
  });
}

test('reports nothing while the files stay in place', async () => {
  const { store, recreations } = await openWithRecord();

  for (let i = 0; i < 20; i++) await store.save([change(savedPush(`s${i}`))], noon);

  expect(recreations).toEqual([]);
});

test('notices the accident also if only the scrapers or frozen records are saved', async () => {
  for (const write of ['scrapers', 'frozen'] as const) {
    const { store, lock } = await openWithRecord();
    rmSync(directory, { recursive: true });

    if (write === 'scrapers') store.saveScrapers(new Map([['prometheus', noon]]), noon);
    else store.freeze(['push_stats missing'], noon);

    expect(stateAfterKill()).toEqual([savedPush('news')]);
    store.close();
    lock.release();
  }
});

test('moves a file in the place of the state file aside, with its write-ahead log', async () => {
  const foreign = join(parent, 'foreign');
  const { store, recreations } = await openWithRecord();
  mkdirSync(foreign);
  await save(foreign, [savedPush('other')]);
  writeFileSync(join(foreign, 'state.db-wal'), 'the log of the other file');
  writeFileSync(join(foreign, 'state.journal-000007'), 'the journal of the other state');
  rmSync(directory, { recursive: true });
  cpSync(foreign, directory, { recursive: true });

  await store.save([change(savedPush('sport'))], noon);

  const movedTo = `${file}.replaced-2026-03-01T120000.000Z`;
  expect(recreations).toEqual([{ why: 'state.db is another file', movedTo }]);
  expect(readFileSync(movedTo)).toEqual(readFileSync(join(foreign, 'state.db')));
  expect(readFileSync(`${movedTo}-wal`, 'utf8')).toBe('the log of the other file');
  expect(readdirSync(directory)).toContain('state.journal-000007.replaced-2026-03-01T120000.000Z');
  expect(stateAfterKill()).toEqual([savedPush('news'), savedPush('sport')]);
});

test('continues a repair that failed in the middle, and moves the journal of another state aside then', async () => {
  const { store, recreations } = await openWithRecord();
  const blocked = join(directory, 'state.journal-000001');
  rmSync(directory, { recursive: true });
  mkdirSync(directory);
  await save(directory, [savedPush('other')]);
  mkdirSync(blocked);
  writeFileSync(join(directory, 'state.journal-000007'), 'the journal of the other state');

  await expect(store.save([change(savedPush('sport'))], noon)).rejects.toThrow(blocked);
  rmSync(blocked, { recursive: true });
  await store.save([change(savedPush('sport'))], noon);

  const suffix = '.replaced-2026-03-01T120000.000Z';
  expect(recreations).toEqual([{ why: 'state.db is another file', movedTo: `${file}${suffix}` }]);
  expect(readdirSync(directory)).toContain(`state.journal-000007${suffix}`);
  expect(stateAfterKill()).toEqual([savedPush('news'), savedPush('sport')]);
});

test('does not save while another process uses the new directory, and saves everything afterwards', async () => {
  const { store, recreations, lock } = await openWithRecord();
  rmSync(directory, { recursive: true });
  const second = lockState(directory, other);
  const opened = openWithDamage(directory, noon, second);
  await opened.store.save([change(savedPush('weather'))], noon);

  for (const _ of [1, 2]) {
    await expect(store.save([change(savedPush('sport'))], noon)).rejects.toThrow(
      `${directory} or its lock file was deleted or replaced while this process was running, and process 4712, ` +
        'started 2026-03-01T12:30:00Z uses it now; stop that process, then this process saves all its totals again',
    );
  }
  expect(stateAfterKill()).toEqual([savedPush('weather')]);
  opened.store.close();
  second.release();
  await store.save([change(savedPush('sport'))], noon);

  expect(stateAfterKill()).toEqual([savedPush('news'), savedPush('sport')]);
  expect(recreations).toEqual([
    { why: 'state.db is another file', movedTo: expect.stringContaining('.replaced-') },
  ]);
  store.close();
  lock.release();
});

test('does not save beside a process that has locked a new lock file, although the state file is the same', async () => {
  const { store, recreations } = await openWithRecord();
  rmSync(join(directory, 'lock.db'));
  const second = lockState(directory, other);
  const opened = openWithDamage(directory, noon, second);
  await opened.store.save([change(savedPush('weather'))], noon);

  await expect(store.save([change(savedPush('sport'))], noon)).rejects.toThrow('process 4712');
  expect(stateAfterKill()).toEqual([savedPush('news'), savedPush('weather')]);
  opened.store.close();
  second.release();
  await store.save([change(savedPush('sport'))], noon);

  expect(stateAfterKill()).toEqual([savedPush('news'), savedPush('sport'), savedPush('weather')]);
  expect(recreations).toEqual([{ why: 'the lock file was deleted or replaced', movedTo: undefined }]);
});

test('saves whole records after another process used the same state, so that no change is missing', async () => {
  const { store } = await openWithRecord();
  const news = savedPush('news');
  const withSamples = (samples: number) => {
    return { ...news, push: { ...news.push, totals: { ...news.push.totals, samples } } };
  };
  const changed = (from: number, to: number) => ({ record: withSamples(to), saved: withSamples(from) });
  await store.save([changed(12, 20)], noon);
  rmSync(join(directory, 'lock.db'));
  const second = lockState(directory, other);
  const opened = openWithDamage(directory, noon, second);
  for (const to of [21, 22, 23]) await opened.store.save([changed(to - 1, to)], noon);
  opened.store.close();
  second.release();

  await store.save([changed(20, 30)], noon);
  await store.save([changed(30, 31)], noon);

  expect(stateAfterKill()).toEqual([withSamples(31)]);
});

test('leaves the files of another process alone when it stops', async () => {
  const { store, lock } = await openWithRecord();
  rmSync(directory, { recursive: true });
  const second = lockState(directory, other);
  const opened = openWithDamage(directory, noon, second);
  await opened.store.save([change(savedPush('weather'))], noon);
  const files = readdirSync(directory);

  store.close();
  lock.release();

  expect(readdirSync(directory)).toEqual(files);
  expect(opened.recreations).toEqual([]);
  opened.store.close();
  second.release();
});

test('rejects saves while the directory cannot be created, then saves everything', async () => {
  const { store, recreations } = await openWithRecord();
  rmSync(directory, { recursive: true });
  writeFileSync(directory, 'a file in the place of the directory');

  await expect(store.save([change(savedPush('sport'))], noon)).rejects.toThrow(
    `cannot store state in ${directory}: it is not a directory; choose`,
  );
  rmSync(directory);
  await store.save([change(savedPush('sport'))], noon);

  expect(stateAfterKill()).toEqual([savedPush('news'), savedPush('sport')]);
  expect(recreations).toHaveLength(1);
});

test('creates no directory for a symbolic link to a missing directory, at the start or later', async () => {
  const volume = join(parent, 'volume');
  const problem =
    `cannot store state in ${directory}: it is a symbolic link to a missing directory; create that directory, ` +
    'or choose a writable directory with --storage.path';
  symlinkSync(volume, directory);
  expect(() => lockState(directory, self)).toThrow(problem);
  mkdirSync(volume);
  const { store } = await openWithRecord();

  renameSync(volume, join(parent, 'unmounted'));

  await expect(store.save([change(savedPush('sport'))], noon)).rejects.toThrow(problem);
  expect(readdirSync(parent).toSorted()).toEqual(['data', 'unmounted']);
  renameSync(join(parent, 'unmounted'), volume);
  await store.save([change(savedPush('sport'))], noon);
  expect(stateAfterKill()).toEqual([savedPush('news'), savedPush('sport')]);
});

test('follows a symbolic link to the state file', async () => {
  mkdirSync(directory);
  await save(parent, []);
  symlinkSync(join(parent, 'state.db'), file);
  const { store, recreations } = await openWithRecord();
  expect(recreations).toEqual([]);

  rmSync(join(parent, 'state.db'));

  await expect(store.save([change(savedPush('sport'))], noon)).rejects.toThrow(
    'state.db is a symbolic link to a missing file',
  );
});

/** Opens and locks the state as the exporter does, and saves one record. */
async function openWithRecord() {
  const lock: StateLock = lockState(directory, self);
  const opened = openWithDamage(directory, noon, lock);
  await opened.store.save([change(savedPush('news'))], noon);
  return { ...opened, lock };
}

/** Returns the records that a start would find if all processes were killed now. */
function stateAfterKill() {
  const copy = mkdtempSync(join(parent, 'copy-'));
  cpSync(`${directory}/.`, copy, { recursive: true });
  const { records, damage } = readState(copy);
  rmSync(copy, { recursive: true });
  expect(damage).toBeUndefined();
  return records;
}
