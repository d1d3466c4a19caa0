import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../model/time.ts';
import { StateDirectoryError } from './directory-error.ts';
import { applicationId, fileVersion } from './file-format.ts';
import { identityOf, isDanglingLink } from './file-identity.ts';
import { createPrivateFile } from './private-files.ts';
import { toSnapshotRows } from './record-rows.ts';
import { createTransaction } from './row-file.ts';
import { keepRowSum } from './row-sum.ts';
import { type RowChange, toScrapersRow } from './rows.ts';
import { type StateContents, sideFiles } from './state-file.ts';

/** Damage to the state file that the exporter found at its start. */
export interface Damage extends Pick<StateContents, 'problems' | 'isLossy'> {
  /** Number of records that could be read from the damaged file. */
  readonly recovered: number;
  /** Path to which the damaged file is moved; undefined if it must stay for now. */
  readonly movedTo: string | undefined;
}

/**
 * Creates an empty state file at the path `file` in `directory`. If that fails, throws a StateDirectoryError.
 * Calls `beforeWrite` before it changes anything, unless the path is a link to a missing file.
 */
export function createStateFile(directory: string, file: string, beforeWrite: () => void): void {
  try {
    refuseDanglingLink(file);
    beforeWrite();
    writeNewFile(file, [], 0);
    moveIntoPlace(file);
  } catch (error) {
    throw new StateDirectoryError(directory, error);
  }
}

/**
 * Replaces a damaged state file. Writes its readable rows to a new file, reports the damage, moves the
 * damaged file aside, and moves the new file to the path `file`.
 */
export function replaceStateFile(
  file: string,
  { records, rows, usable, scrapers, problems, isLossy }: StateContents,
  now: EpochMs,
  report: (damage: Damage) => void,
): void {
  const converted = records.flatMap((record) => [...toSnapshotRows(record, now)]);
  const others = scrapers === undefined ? [] : [toScrapersRow(scrapers)];
  writeNewFile(file, [...rows, ...converted, ...others], now);
  const movedTo = `${file}.unusable-${timeText(now)}`;
  report({ problems, isLossy, recovered: usable + records.length, movedTo });
  keepAs(movedTo, file);
  moveIntoPlace(file);
}

/** State file that is in use. */
export interface FileInUse {
  /** Open connection to the file. */
  readonly database: DatabaseSync;
  readonly identity: string;
  /** Identity of a file that was written again, but could not be used. Undefined if there is none. */
  readonly unused: string | undefined;
}

/**
 * Writes the state file again after somebody deleted or replaced it or a file next to it. SQLite can still read
 * the file of before through its open connection, although no path refers to it. So everything that was saved is
 * copied. If there is another file at the path, moves it aside and returns its new path.
 */
export function recreateStateFile(
  { database, identity, unused }: FileInUse,
  file: string,
  now: EpochMs,
): string | undefined {
  refuseDanglingLink(file);
  withNewFile(file, () => {
    // Waits until the copy is durable, like a commit, because the database is `synchronous = FULL`.
    database.prepare('VACUUM INTO ?').run(newPath(file));
  });
  // If only a file next to it was deleted, the state file in its place is the one that was copied.
  const isReplaced = existsSync(file) && ![identity, unused].includes(identityOf(file));
  const movedTo = isReplaced ? `${file}.replaced-${timeText(now)}` : undefined;
  if (movedTo !== undefined) keepAs(movedTo, file);
  moveIntoPlace(file);
  return movedTo;
}

/** Throws if the path is a symbolic link to a missing file: its file system can be missing for a while. */
function refuseDanglingLink(file: string): void {
  if (isDanglingLink(file)) throw new Error('state.db is a symbolic link to a missing file');
}

/** Writes a complete state file next to its final path. */
function writeNewFile(file: string, rows: Iterable<RowChange>, now: EpochMs): void {
  withNewFile(file, () => {
    const database = new DatabaseSync(newPath(file));
    try {
      // Use pages of 8 kB, which are large enough for a target row with a dozen samples. In pages of 4 kB, such
      // a row would need an overflow page.
      database.exec(
        `PRAGMA page_size = 8192; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = FULL;
         PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${fileVersion};
         CREATE TABLE ledgers (key TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL,
           checksum INTEGER NOT NULL, saved_at INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
      );
      createTransaction(database)(rows, now);
      keepRowSum(database);
    } finally {
      database.close();
    }
  });
}

/**
 * Creates an empty file with the suffix `.new`, so that an incomplete file on a full disk is not mistaken for a
 * damaged state file, and calls `write` to fill it. Removes the file if that fails.
 */
function withNewFile(file: string, write: () => void): void {
  const remove = () => {
    for (const path of [newPath(file), `${newPath(file)}-journal`]) rmSync(path, { force: true });
  };
  remove();
  createPrivateFile(newPath(file));
  try {
    write();
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * Keeps a state file, and the files that SQLite keeps next to it, under another path. Creates a hard link: if
 * the process is killed before the new file is in its place, the next start finds the old file there, but never
 * nothing.
 */
function keepAs(kept: string, file: string): void {
  linkSync(file, kept);
  const keptSideFiles = sideFiles(kept);
  for (const [i, sideFile] of sideFiles(file).entries()) {
    if (existsSync(sideFile)) renameSync(sideFile, keptSideFiles[i] ?? '');
  }
}

/** Moves the new file to its final path. */
function moveIntoPlace(file: string): void {
  // If somebody deleted the state file but not its write-ahead log, remove the log, because SQLite would
  // replay it into the new file.
  for (const sideFile of sideFiles(file)) rmSync(sideFile, { force: true });
  renameSync(newPath(file), file);
}

function newPath(file: string): string {
  return `${file}.new`;
}

/** Returns a time as part of a file name. */
export function timeText(now: EpochMs): string {
  return new Date(now).toISOString().replaceAll(':', '');
}
