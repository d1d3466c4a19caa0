import { closeSync, existsSync, linkSync, lstatSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../model/time.ts';
import { StateDirectoryError } from './lock.ts';
import {
  fromRows,
  type ReadRow,
  type ReadRows,
  type RowChange,
  scrapersKey,
  toRowChanges,
  toScrapersRow,
} from './rows.ts';
import { isTransient, reasonOf } from './sqlite-errors.ts';
import { createTransaction } from './transaction.ts';

/** "lsex" in ASCII: distinguishes a state file from other SQLite files. */
const applicationId = 0x6c736578;
const fileVersion = 1;

export interface StateContents extends ReadRows {
  /** Time of the last save of a record; undefined if there was none or its time is unknown. */
  readonly savedAt: EpochMs | undefined;
  /** Whether rows are lost: their totals start from 0. */
  readonly isLossy: boolean;
}

export interface OpenedFile {
  /** undefined: the file is damaged or foreign, and closed. */
  readonly database: DatabaseSync | undefined;
  /** Its problems are those of the file, then those of single rows. */
  readonly contents: StateContents;
}

/** Damage that a start finds. */
export interface Damage extends Pick<StateContents, 'problems' | 'isLossy'> {
  /** Number of records that could be read. */
  readonly recovered: number;
  /** New path of the damaged file. */
  readonly movedTo: string;
}

/** Creates an empty state file. Throws a StateDirectoryError if that fails. */
export function createStateFile(directory: string, file: string): void {
  try {
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new Error('state.db is a symbolic link to a missing file');
    }
    writeNewFile(file, [], 0);
  } catch (error) {
    throw new StateDirectoryError(directory, error);
  }
  // SQLite would replay the log of a file that somebody deleted.
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
  renameSync(newPath(file), file);
}

/**
 * Opens the file, checks all of it and reads all rows. SQLite verifies a page only when it uses it, and damage to a free
 * page would make each later save fail. Throws if the file is locked, not accessible, or the disk is full.
 */
export function openStateFile(file: string, now: EpochMs): OpenedFile {
  let database: DatabaseSync | undefined;
  try {
    checkHeader(file);
    database = new DatabaseSync(file);
    database.exec('PRAGMA busy_timeout = 1000');
    checkOwner(database);
    // FULL: a commit is durable also if the power fails. SQLite ends the write-ahead log silently at the first damaged
    // frame, so damage there would roll back all commits behind it. With a checkpoint after each commit, the log holds
    // nothing that the file does not hold.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1');
    const contents = readContents(database, now);
    if (contents.problems.length === 0) {
      // SQLite opens a read-only file without an error; only a write reports it.
      database.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${fileVersion}; ROLLBACK`);
      return { database, contents };
    }
    database.close();
    return { database: undefined, contents };
  } catch (error) {
    if (database?.isOpen) database.close();
    if (isTransient(error)) throw error;
    const nothing = { records: [], scrapers: undefined, savedAt: undefined };
    return { database: undefined, contents: { ...nothing, problems: [reasonOf(error)], isLossy: true } };
  }
}

/** Throws if the file is too short or does not start like a database: SQLite would treat it as a new, empty file. */
function checkHeader(file: string): void {
  // https://www.sqlite.org/fileformat.html, "Magic Header String".
  const magic = Buffer.from('SQLite format 3\0');
  const start = Buffer.alloc(magic.length);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, start);
  closeSync(descriptor);
  if (!start.equals(magic)) throw new Error('file is not a database');
}

/** Throws if the file belongs to another program or to a newer version of this one. */
function checkOwner(database: DatabaseSync): void {
  const read = (name: string) => Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
  if (read('application_id') !== applicationId) throw new Error('the file belongs to another program');
  const version = read('user_version');
  if (version > fileVersion) {
    throw new Error(`the file was written by a newer version of this program (file version ${version})`);
  }
}

/** Returns what SQLite reports about the file; nothing if it is intact. */
function checkIntegrity(database: DatabaseSync): string[] {
  const lines: string[] = [];
  try {
    // quick_check does not verify the order of the rows, and is not faster for a table without an index.
    for (const row of database.prepare('PRAGMA integrity_check').iterate()) {
      lines.push(...String(row.integrity_check).split('\n'));
    }
  } catch (error) {
    if (isTransient(error)) throw error;
    lines.push(reasonOf(error));
  }
  return lines.filter((line) => line !== 'ok' && !line.startsWith('***'));
}

/** Matches damage to the lists of free space, which hold no rows. It can make pages appear to be unused. */
const freeSpaceDamage = /free space corruption|^Freelist: |never used$/;

/**
 * Reads all rows. If SQLite cannot read a page, reads the rows before it in ascending order and the rows behind it in
 * descending order.
 */
function readContents(database: DatabaseSync, now: EpochMs): StateContents {
  const fileProblems = checkIntegrity(database);
  let isComplete = fileProblems.every((problem) => freeSpaceDamage.test(problem));
  let savedAt: EpochMs | undefined;
  let lastKey: unknown;

  function* rows(order: 'ASC' | 'DESC'): Iterable<ReadRow> {
    const select = database.prepare(
      `SELECT key, version, body, checksum, saved_at FROM ledgers ORDER BY key ${order}`,
    );
    // A damaged number can exceed the safe integers, which would end the pass with an error.
    select.setReadBigInts(true);
    try {
      for (const row of select.iterate()) {
        if (order === 'DESC' && row.key === lastKey) return;
        if (order === 'ASC') lastKey = row.key;
        const rowSavedAt = Number(row.saved_at);
        // A later time is damaged, or the clock was set back.
        if (row.key !== scrapersKey && rowSavedAt <= now && rowSavedAt > (savedAt ?? 0)) savedAt = rowSavedAt;
        // The columns are those of the query.
        yield row as unknown as ReadRow;
      }
    } catch (error) {
      if (isTransient(error)) throw error;
      isComplete = false;
      fileProblems.push(reasonOf(error));
      if (order === 'ASC') yield* rows('DESC');
    }
  }
  const read = fromRows(rows('ASC'));
  return {
    ...read,
    savedAt,
    problems: [...fileProblems.slice(0, 1), ...read.problems],
    isLossy: !isComplete || read.problems.length > 0,
  };
}

/** Copies the readable rows to a new file, reports the damage, moves the damaged file aside and the new one there. */
export function replaceStateFile(
  file: string,
  { records, scrapers, problems, isLossy }: StateContents,
  now: EpochMs,
  report: (damage: Damage) => void,
): void {
  const rows = records.values().flatMap((record) => toRowChanges(record, undefined));
  writeNewFile(file, scrapers === undefined ? rows : [...rows, toScrapersRow(scrapers)], now);
  const movedTo = `${file}.unusable-${new Date(now).toISOString().replaceAll(':', '')}`;
  report({ problems, isLossy, recovered: records.length, movedTo });
  // A hard link and an atomic rename: after a kill, the next start finds the damaged file or the new one, never none.
  linkSync(file, movedTo);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, movedTo + suffix);
  }
  renameSync(newPath(file), file);
}

/** Writes a complete file next to its final path, so that a full disk leaves nothing that looks like a damaged state. */
function writeNewFile(file: string, rows: Iterable<RowChange>, now: EpochMs): void {
  rmSync(newPath(file), { force: true });
  const database = new DatabaseSync(newPath(file));
  try {
    // A target row with a dozen samples fits on a page of 8 kB; one of 4 kB would need an overflow page.
    database.exec(
      `PRAGMA page_size = 8192; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = FULL;
       PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${fileVersion};
       CREATE TABLE ledgers (key TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL,
         checksum INTEGER NOT NULL, saved_at INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
    );
    for (const _ of createTransaction(database)(rows, now));
  } finally {
    database.close();
  }
}

function newPath(file: string): string {
  return `${file}.new`;
}
