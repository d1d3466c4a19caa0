import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockState } from '../../src/store/lock.ts';
import { noon } from '../support/samples.ts';
import { change, openWithDamage } from '../support/state.ts';
import { asOrdinaryUser, save, savedPush } from './saved.ts';

const self = { pid: 1, startedAt: 'now' };
const saver = join(import.meta.dirname, 'saver.ts');

/** User of `asOrdinaryUser`. */
const nobody = 65_534;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-owners-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('creates files and directories that only their owner can read', async () => {
  const created = join(directory, 'parent', 'data');
  const umask = process.umask(0);
  lockState(created, self);
  const { store } = openWithDamage(created);
  await store.save([change(savedPush('news'))], noon);
  process.umask(umask);

  expect(modesOf(created)).toEqual({
    'lock.db': '600',
    'lock.txt': '600',
    'state.db': '600',
    'state.db-shm': '600',
    'state.db-wal': '600',
    'state.journal-000001': '600',
  });
  const directories = [created, join(created, '..')];
  expect(directories.map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700]);
  store.close();
});

test('keeps the mode of existing files', async () => {
  await save(directory, [savedPush('news')]);
  chmodSync(join(directory, 'state.db'), 0o640);

  const { store } = openWithDamage(directory);

  expect(modesOf(directory)).toEqual({ 'state.db': '640', 'state.db-shm': '640', 'state.db-wal': '640' });
  store.close();
});

test('leaves nothing behind if the start fails after the directory is locked', async () => {
  const created = join(directory, 'a', 'b');
  lockState(created, self).undo();
  expect(readdirSync(directory)).toEqual([]);

  await save(directory, [savedPush('news')]);
  lockState(directory, self).undo();
  expect(readdirSync(directory)).toEqual(['state.db']);
});

test('keeps a lock file that existed before, because another process can have opened it', () => {
  lockState(directory, self).release();

  lockState(directory, self).undo();

  expect(readdirSync(directory)).toEqual(['lock.db']);
});

describe.runIf(process.geteuid?.() === 0)('a start under another user', () => {
  test('gives files that root creates to the owner of the directory, also after kill -9', async () => {
    chownSync(directory, nobody, nobody);
    await runSaverAsRoot(directory);
    await runSaverAsRoot(join(directory, 'deep', 'data'));

    // Whether the first save has begun when the kill comes, is chance. Its journal must have the same owner.
    const others = readdirSync(directory).filter((name) => !name.startsWith('state.journal-'));
    expect(others.toSorted()).toEqual([
      'deep',
      'lock.db',
      'lock.txt',
      'state.db',
      'state.db-shm',
      'state.db-wal',
    ]);
    for (const name of readdirSync(directory, { recursive: true })) {
      expect(statSync(join(directory, String(name)))).toMatchObject({ uid: nobody, gid: nobody });
    }
    for (const at of [directory, join(directory, 'deep', 'data')]) {
      asOrdinaryUser(() => {
        const lock = lockState(at, self);
        openWithDamage(at).store.close();
        lock.release();
      });
    }
  });

  test('names file, owner and remedy if root has left a file, and adds none', async () => {
    for (const name of ['lock.db', 'state.db', 'state.db-wal', 'state.db-shm']) {
      chownSync(directory, nobody, nobody);
      await asOrdinaryUser(() => save(directory, [savedPush('news')]));
      const file = join(directory, name);
      if (name !== 'state.db') writeFileSync(file, '');
      chownSync(file, 0, 0);
      for (const mode of [0o600, 0o644]) {
        chmodSync(file, mode);
        const before = readdirSync(directory);

        expect(() => asOrdinaryUser(startAndStop)).toThrow(
          `permission denied: ${file} belongs to user 0 (root) with mode 0${mode.toString(8)}, and this process ` +
            `runs as user ${nobody}`,
        );
        expect(() => asOrdinaryUser(startAndStop)).toThrow(
          `a start under that user has left it; run as root: chown -R ${nobody}:0 ${directory}`,
        );
        expect(readdirSync(directory)).toEqual(before);
      }
      for (const left of readdirSync(directory)) rmSync(join(directory, left));
    }
  });

  test('replaces a description of the lock that root has left', () => {
    chownSync(directory, nobody, nobody);
    writeFileSync(join(directory, 'lock.txt'), 'process 1', { mode: 0o600 });

    asOrdinaryUser(startAndStop);

    expect(readdirSync(directory).toSorted()).toEqual(['lock.db', 'state.db']);
  });

  test('leaves no files if the wrong user can write the directory but not the state', async () => {
    chmodSync(directory, 0o777);
    await save(directory, [savedPush('news')]);
    for (const mode of [0o600, 0o644]) {
      chmodSync(join(directory, 'state.db'), mode);

      expect(() => asOrdinaryUser(startAndStop)).toThrow(
        `(the file is unchanged; start the exporter as user 0 (root), or run as root: chown -R ${nobody}:0 ${directory})`,
      );
      expect(readdirSync(directory)).toEqual(['state.db']);
    }
  });

  test('names the owner of a directory that is not writable', () => {
    chmodSync(directory, 0o755);

    expect(() => asOrdinaryUser(startAndStop)).toThrow(
      `cannot store state in ${directory}: permission denied: ${directory} belongs to user 0 (root) with mode 0755, ` +
        `and this process runs as user ${nobody}; start the exporter as user 0 (root), or run as root: ` +
        `chown -R ${nobody}:0 ${directory}; or choose a writable directory with --storage.path`,
    );
  });

  test('names the file of another user in a directory with the sticky bit', () => {
    chmodSync(directory, 0o1777);
    writeFileSync(join(directory, 'lock.txt'), 'process 1', { mode: 0o600 });

    expect(() => asOrdinaryUser(startAndStop)).toThrow(
      `permission denied: ${join(directory, 'lock.txt')} belongs to user 0 (root) with mode 0600`,
    );
    expect(readdirSync(directory)).toEqual(['lock.txt']);
  });

  test('names the system call if the directory is missing and its parent is not writable', () => {
    chmodSync(directory, 0o755);

    expect(() => asOrdinaryUser(() => lockState(join(directory, 'data'), self))).toThrow(
      `cannot store state in ${directory}/data: EACCES: permission denied, mkdir '${directory}/data'; choose a ` +
        'writable directory with --storage.path',
    );
  });

  test('quotes the path in the command', () => {
    const spaced = `${directory}/it's here`;
    mkdirSync(spaced, { mode: 0o755 });
    chmodSync(directory, 0o755);

    expect(() => asOrdinaryUser(() => lockState(spaced, self))).toThrow(
      `chown -R ${nobody}:0 '${directory}/it'\\''s here'`,
    );
    renameSync(spaced, join(directory, 'plain'));
  });
});

function startAndStop(): void {
  const lock = lockState(directory, self);
  try {
    openWithDamage(directory).store.close();
  } catch (error) {
    lock.undo();
    throw error;
  }
  lock.release();
}

/** Runs a process that creates and saves a state, and kills it during a save. */
async function runSaverAsRoot(at: string): Promise<void> {
  const child = spawn(process.execPath, [saver, at], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
}

function modesOf(at: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(at).map((name) => [name, (statSync(join(at, name)).mode & 0o777).toString(8)]),
  );
}
