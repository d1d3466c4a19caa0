import { existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDamage, reasonOf, resultCode } from './sqlite-errors.ts';

/** Another process holds the lock. */
export class StateLockedError extends Error {
  constructor(directory: string, holder: string) {
    super(
      `the state in ${directory} is in use by ${holder}; stop that process, choose another --storage.path, ` +
        'or wait for it with --storage.lock-timeout',
    );
    this.name = 'StateLockedError';
  }
}

/** The directory cannot hold a state. */
export class StateDirectoryError extends Error {
  constructor(directory: string, cause: unknown) {
    super(
      `cannot store state in ${directory}: ${reasonOf(cause)}; choose a writable directory with --storage.path`,
      { cause },
    );
    this.name = 'StateDirectoryError';
  }
}

/**
 * Creates the directory if it is missing, locks it, and returns a function that releases the lock. The operating system
 * releases it when the process dies, also after kill -9. The lock is a separate file, so a damaged state file can be
 * moved while the lock is held. Throws a StateLockedError if another process holds the lock, and a StateDirectoryError
 * if the directory is not writable.
 */
export function lockState(
  directory: string,
  self: { readonly pid: number; readonly startedAt: string },
): () => void {
  const holderFile = join(directory, 'lock.txt');
  let database: DatabaseSync | undefined;
  try {
    makeDirectory(directory);
    database = lockFile(join(directory, 'lock.db'));
    writeFileSync(holderFile, `process ${self.pid}, started ${self.startedAt}\n`);
  } catch (error) {
    database?.close();
    if (resultCode(error) === busy) throw new StateLockedError(directory, holderOf(holderFile));
    throw new StateDirectoryError(directory, error);
  }
  return () => {
    rmSync(holderFile, { force: true });
    database?.close();
  };
}

/** Locks the file until it is closed. Its content is irrelevant, so a damaged file is emptied. */
function lockFile(file: string): DatabaseSync {
  try {
    return openLocked(file);
  } catch (error) {
    if (!isDamage(error)) throw error;
    // Do not remove it: a second process could then remove the file that the first one has created and locked. A lock
    // belongs to the file, not to its content, so the lock of a faster process survives the truncation.
    truncateSync(file);
    return openLocked(file);
  }
}

function openLocked(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Creates the directory and its missing parents, each with one attempt. Node's recursive mkdir loops for ever if the
 * system denies that an existing parent exists, as below /proc.
 */
function makeDirectory(directory: string): void {
  const parent = dirname(directory);
  if (parent !== directory && !existsSync(parent)) makeDirectory(parent);
  try {
    mkdirSync(directory);
  } catch (error) {
    if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

function holderOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim() || 'another process';
  } catch {
    // The holder has locked the directory and not written the file yet.
    return 'another process';
  }
}

/** SQLite's result code BUSY. */
const busy = 5;
