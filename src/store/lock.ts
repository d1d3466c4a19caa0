import { existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDamage, resultCode } from './sqlite-errors.ts';

/** Another daemon holds the state. */
export class StateLockedError extends Error {
  constructor(folder: string, holder: string) {
    super(
      `the state in ${folder} is in use by ${holder}; stop that one first, give this one its own --storage.path, ` +
        'or let it wait with --storage.lock-timeout',
    );
    this.name = 'StateLockedError';
  }
}

/** The folder can't hold a state at all. */
export class StateFolderError extends Error {
  constructor(folder: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      `no state can be kept in ${folder}: ${why}; name a folder that can be written with --storage.path`,
      {
        cause,
      },
    );
    this.name = 'StateFolderError';
  }
}

/**
 * Holds the folder, which is made when it is not there, for this process until it is released or the process dies: the system takes such a lock back also
 * after kill -9. A file of its own, so that a damaged state can be moved aside while it is held. Throws a
 * StateLockedError when another one has it, and a StateFolderError when it can't be written.
 */
export function lockState(
  folder: string,
  self: { readonly pid: number; readonly startedAt: string },
): () => void {
  const holderFile = join(folder, 'lock.txt');
  let database: DatabaseSync | undefined;
  try {
    makeFolder(folder);
    database = lockFile(join(folder, 'lock.db'));
    writeFileSync(holderFile, `process ${self.pid}, started ${self.startedAt}\n`);
  } catch (error) {
    database?.close();
    if (resultCode(error) === busy) throw new StateLockedError(folder, holderOf(holderFile));
    throw new StateFolderError(folder, error);
  }
  return () => {
    rmSync(holderFile, { force: true });
    database?.close();
  };
}

/** Holds the file until it is closed; its content is of no use, and emptied where it is damaged. */
function lockFile(file: string): DatabaseSync {
  try {
    return openLocked(file);
  } catch (error) {
    if (!isDamage(error) && resultCode(error) !== notADatabase) throw error;
    // Not removed: of two that find it damaged, the second could remove the one that the first has made and holds. A lock
    // is on the file and not on what is in it, so the one of a daemon that was quicker stays.
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
 * With the parents that are missing, each tried once. The recursive one of Node tries for ever where the system denies
 * that a parent is there which it has just found, as below /proc.
 */
function makeFolder(folder: string): void {
  const parent = dirname(folder);
  if (parent !== folder && !existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function holderOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim() || 'another process';
  } catch {
    // It may be between taking the lock and writing its name.
    return 'another process';
  }
}

/** SQLite's result codes. */
const busy = 5;
const notADatabase = 26;
