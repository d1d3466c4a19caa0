import { readFileSync, rmdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StateDirectoryError } from './directory-error.ts';
import { identityOf } from './file-identity.ts';
import { createDirectory, createPrivateFile } from './private-files.ts';
import { busy, isDamage, resultCode } from './sqlite-errors.ts';

/** Error that another process holds the lock of the state directory. */
export class StateLockedError extends Error {
  /** Description of the process that holds the lock. */
  readonly holder: string;

  constructor(directory: string, holder: string) {
    super(
      `the state in ${directory} is in use by ${holder}; stop that process, choose another --storage.path, ` +
        'or set --storage.lock-timeout to wait for that process',
    );
    this.name = 'StateLockedError';
    this.holder = holder;
  }
}

/** Process that locks the state, for the error message of another process. */
interface Self {
  readonly pid: number;
  readonly startedAt: string;
}

/** Lock of the state directory, held until it is released or the process ends. */
export interface StateLock {
  /**
   * Locks the directory again if somebody deleted or replaced the lock file or the directory, and creates
   * the directory if it is missing. Reports whether this was necessary. Throws if another process has locked
   * the new file, or if the directory is not writable.
   */
  renew(): boolean;
  release(): void;
  /** Releases the lock after a failed start. Removes the files and directories that were created for the lock. */
  undo(): void;
}

/**
 * Creates the state directory if it is missing, and locks it. When the process dies, even by kill -9, the
 * operating system releases the lock. The lock is a separate file, so that a damaged state file can be moved
 * while the lock is held. Throws a StateLockedError if another process holds the lock, and a
 * StateDirectoryError if the directory is not writable; then nothing remains that did not exist before.
 */
export function lockState(directory: string, self: Self): StateLock {
  let held = acquire(directory, self);
  return {
    renew() {
      if (held.isCurrent()) return false;
      const lost = held;
      held = acquireAgain(directory, self);
      lost.database.close();
      return true;
    },
    release() {
      // The files can belong to another process if the directory was replaced.
      ifPossible(() => {
        if (held.isCurrent()) rmSync(join(directory, holderName), { force: true });
      });
      held.database.close();
    },
    undo: () => held.undo(),
  };
}

function acquireAgain(directory: string, self: Self): HeldLock {
  try {
    return acquire(directory, self);
  } catch (error) {
    if (!(error instanceof StateLockedError)) throw error;
    throw new Error(
      `${directory} or its lock file was deleted or replaced while this process was running, and ` +
        `${error.holder} uses it now; stop that process, then this process saves all its totals again`,
      { cause: error },
    );
  }
}

interface HeldLock {
  readonly database: DatabaseSync;
  /** Reports whether the lock file is still in its place. */
  isCurrent(): boolean;
  undo(): void;
}

function acquire(directory: string, self: Self): HeldLock {
  const holderFile = join(directory, holderName);
  const file = join(directory, 'lock.db');
  let directories: readonly string[] = [];
  let isNew = false;
  let locked: LockedFile | undefined;
  const undo = () => {
    // Remove the files while they are locked. A process that has already opened the lock file notices that it
    // is no longer in its place.
    if (locked !== undefined) ifPossible(() => rmSync(holderFile, { force: true }));
    if (isNew) ifPossible(() => rmSync(file, { force: true }));
    locked?.database.close();
    for (const created of directories.toReversed()) ifPossible(() => rmdirSync(created));
  };
  try {
    directories = createDirectory(directory);
    for (let attempt = 0; locked === undefined; attempt++) {
      if (attempt === maxAttempts) throw new Error('other processes replace lock.db all the time');
      isNew = createIfMissing(file);
      locked = lockIfInPlace(file);
    }
    rmSync(holderFile, { force: true });
    createPrivateFile(holderFile, `process ${self.pid}, started ${self.startedAt}\n`);
  } catch (error) {
    const isLocked = resultCode(error) === busy;
    if (isLocked) isNew = false;
    const translated = isLocked
      ? new StateLockedError(directory, holderOf(holderFile))
      : new StateDirectoryError(directory, error);
    undo();
    throw translated;
  }
  const { database, identity } = locked;
  return { database, undo, isCurrent: () => identityOf(file) === identity };
}

/** Creates an empty file; reports whether there was none. */
function createIfMissing(file: string): boolean {
  if (identityOf(file) !== undefined) return false;
  try {
    createPrivateFile(file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST' && identityOf(file))
      return false;
    throw error;
  }
}

/** Lock file, open and locked. */
interface LockedFile {
  readonly database: DatabaseSync;
  readonly identity: string;
}

/**
 * Locks `file` and returns its database. Returns undefined, without a lock, if another process removed or
 * replaced the file meanwhile: a lock of a removed file locks out nobody.
 */
function lockIfInPlace(file: string): LockedFile | undefined {
  const identity = identityOf(file);
  const database = lockFile(file);
  if (identity !== undefined && identityOf(file) === identity) return { database, identity };
  database.close();
  return undefined;
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
 * Opens `file` as a database and locks the file without waiting. Throws SQLite's BUSY if the file is locked, and
 * READONLY if this process cannot write it.
 */
function openLocked(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    // Without a journal file, a kill leaves no other file than the lock file.
    database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY');
    // Change something, because BEGIN EXCLUSIVE locks nothing, without an error, if the file is read-only.
    database.exec('BEGIN EXCLUSIVE; PRAGMA user_version = 1');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Removes a file or directory. Ignores errors: a directory can contain files of others. */
function ifPossible(remove: () => void): void {
  try {
    remove();
  } catch {
    // Report the error that made the removal necessary instead.
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

const holderName = 'lock.txt';

/** Maximum number of times that another process may replace the lock file while it is being locked. */
const maxAttempts = 10;
