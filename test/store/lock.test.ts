import { chmodSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StateDirectoryError } from '../../src/store/directory-error.ts';
import { lockState, StateLockedError } from '../../src/store/lock.ts';
import { openWithDamage, readState } from '../support/state.ts';
import { asOrdinaryUser, save, savedPush } from './saved.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-state-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('names the process that holds the lock, and locks after its release', () => {
  const lock = lockState(directory, { pid: 4711, startedAt: '2026-03-01T12:00:00Z' });

  expect(() => lockState(directory, { pid: 4712, startedAt: 'later' })).toThrow(StateLockedError);
  expect(() => lockState(directory, { pid: 4712, startedAt: 'later' })).toThrow(
    'in use by process 4711, started 2026-03-01T12:00:00Z',
  );
  lock.release();

  lockState(directory, { pid: 4712, startedAt: 'later' }).release();
});

test('empties a damaged lock file, and a second process still cannot lock it', () => {
  const file = join(directory, 'lock.db');
  for (const damaged of [Buffer.alloc(4096, 'A'), Buffer.alloc(4096), Buffer.from('SQLite format 3\0A')]) {
    writeFileSync(file, damaged);
    const lock = lockState(directory, { pid: 4711, startedAt: '2026-03-01T12:00:00Z' });

    // A slower process that found it damaged as well truncates it.
    truncateSync(file);
    expect(() => lockState(directory, { pid: 4712, startedAt: 'later' })).toThrow(StateLockedError);
    writeFileSync(file, damaged);
    expect(() => lockState(directory, { pid: 4712, startedAt: 'later' })).toThrow(StateLockedError);
    lock.release();
  }

  lockState(directory, { pid: 4712, startedAt: 'later' }).release();
});

test('rejects a read-only directory and leaves its state unchanged', async () => {
  await save(directory, [savedPush('news')]);
  lockState(directory, { pid: 1, startedAt: 'before' }).release();
  chmodSync(directory, 0o555);

  expect(() => asOrdinaryUser(() => lockState(directory, { pid: 2, startedAt: 'now' }))).toThrow(
    StateDirectoryError,
  );
  expect(() => asOrdinaryUser(() => openWithDamage(directory))).toThrow('the file is unchanged');

  chmodSync(directory, 0o755);
  expect(readState(directory)).toEqual({ records: [savedPush('news')], damage: undefined });
});

test('creates the directory and its missing parents', () => {
  const deep = join(directory, 'a', 'b', 'c');

  lockState(deep, { pid: 1, startedAt: '' }).release();
  lockState(join(deep, '..', 'd'), { pid: 1, startedAt: '' }).release();

  expect(readdirSync(join(directory, 'a', 'b'))).toEqual(['c', 'd']);
});

test('names the cause and the remedy if the directory cannot be created', () => {
  writeFileSync(join(directory, 'file'), '');

  expect(() => lockState(join(directory, 'file', 'data'), { pid: 1, startedAt: '' })).toThrow(
    `cannot store state in ${join(directory, 'file', 'data')}: ENOTDIR: not a directory, mkdir ` +
      `'${join(directory, 'file', 'data')}'; choose a writable directory with --storage.path`,
  );
  expect(() => lockState(join(directory, 'file'), { pid: 1, startedAt: '' })).toThrow(
    `cannot store state in ${join(directory, 'file')}: it is not a directory; choose a writable directory`,
  );
});

test.each([
  ['ENOSPC', 'free space on its disk'],
  ['EDQUOT', 'free space on its disk'],
  ['EROFS', 'mount its file system writable'],
])('names the remedy for %s, and does not send to another directory, without the totals', (code, remedy) => {
  const cause = Object.assign(new Error(`${code}: why, write`), { code });

  expect(new StateDirectoryError(directory, cause).message).toBe(
    `cannot store state in ${directory}: ${code}: why, write; ${remedy} ` +
      '(in another directory, all totals start at 0)',
  );
});
