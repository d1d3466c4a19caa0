import { existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDamage, reasonOf, resultCode } from './sqlite-errors.ts';

/** Error that another process holds the lock of the state directory. */
export class StateLockedError extends Error {
  constructor(directory: string, holder: string) {
    super(
      `the state in ${directory} is in use by ${holder}; stop that process, choose another --storage.path, ` +
        'or set --storage.lock-timeout to wait for that process',
    );
    this.name = 'StateLockedError';
  }
}

/** Error that the state directory cannot be created or is not writable. */
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
 * Creates the state directory if it is missing, locks the directory, and returns a function that releases the
 * lock. When the process dies, even by kill -9, the operating system releases the lock. The lock is a
 * separate file, so that a damaged state file can be moved while the lock is held. Throws a StateLockedError
 * if another process holds the lock, and a StateDirectoryError if the directory is not writable.
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

/**
 * Locks `file` until the returned database is closed. If the lock file is damaged, empties it, because its
 * content does not matter.
 */
function lockFile(file: string): DatabaseSync {
  try {
    return openLocked(file);
  } catch (error) {
    if (!isDamage(error)) throw error;
    // Truncate the lock file and do not remove it: otherwise, a second process could remove the file that the
    // first process has just created and locked. If another process has already locked the file, truncating
    // does not release the lock, because a lock belongs to the file and not to its content.
    truncateSync(file);
    return openLocked(file);
  }
}

/**
 * Opens `file` as a database and locks the file without waiting. Throws SQLite's BUSY if the file is locked.
 */
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
 * Creates the directory and its missing parents. Does not use Node's recursive mkdir, which loops forever if
 * the system reports an existing parent as missing, as it does below /proc.
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

/** Returns a description of the process that holds the lock, for an error message. */
function holderOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim() || 'another process';
  } catch {
    // The process that holds the lock has not written its description yet.
    return 'another process';
  }
}

/** SQLite's result code BUSY: another process has locked the file. */
const busy = 5;
