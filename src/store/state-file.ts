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

/**
 * SQLite `application_id` of a state file: "lsex" in ASCII. It distinguishes a state file from the databases
 * of other programs.
 */
const applicationId = 0x6c736578;
/** SQLite `user_version` of a state file: the version of the table's columns. */
const fileVersion = 1;

/** Records and scrapers that were read from a state file, and the damage that was found. */
export interface StateContents extends ReadRows {
  /**
   * Time of the last save of a record (wall clock, epoch ms); undefined if no record was saved or the time is
   * unknown.
   */
  readonly savedAt: EpochMs | undefined;
  /** Whether rows were lost. Totals in lost rows restart at 0. */
  readonly isLossy: boolean;
}

/** Result of opening a state file. */
export interface OpenedFile {
  /**
   * Open database; undefined if the file is damaged or belongs to another program. The file is then closed
   * again.
   */
  readonly database: DatabaseSync | undefined;
  /**
   * Content of the readable rows. In `problems`, the problem of the whole file comes first, then the problems
   * of single rows.
   */
  readonly contents: StateContents;
}

/** Damage to the state file that the exporter found at its start. */
export interface Damage extends Pick<StateContents, 'problems' | 'isLossy'> {
  /** Number of records that could be read and were copied to the new file. */
  readonly recovered: number;
  /** Path to which the damaged file is moved. */
  readonly movedTo: string;
}

/**
 * Creates an empty state file at the path `file` in `directory`. If that fails, throws a StateDirectoryError.
 */
export function createStateFile(directory: string, file: string): void {
  try {
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new Error('state.db is a symbolic link to a missing file');
    }
    writeNewFile(file, [], 0);
  } catch (error) {
    throw new StateDirectoryError(directory, error);
  }
  // If somebody deleted the state file but not its write-ahead log, remove the log, because SQLite would
  // replay it into the new file.
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
  renameSync(newPath(file), file);
}

/**
 * Opens the state file, verifies the whole file and reads all rows. The verification includes unused pages:
 * SQLite itself verifies such a page only when it uses the page, so damage there would make later saves fail.
 * Throws if the file is locked or not accessible, or if the disk is full.
 */
export function openStateFile(file: string, now: EpochMs): OpenedFile {
  let database: DatabaseSync | undefined;
  try {
    checkHeader(file);
    database = new DatabaseSync(file);
    database.exec('PRAGMA busy_timeout = 1000');
    checkOwner(database);
    // With `synchronous = FULL`, a commit survives a power failure. The checkpoint after each commit copies
    // the write-ahead log to the main file. Without it, damage to the log would undo commits, because SQLite
    // silently ends the log at the first damaged frame and ignores all later commits.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1');
    const contents = readContents(database, now);
    if (contents.problems.length === 0) {
      // Try to write, because SQLite opens a read-only file without an error and reports the error only for a
      // write.
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

/**
 * Throws if the file is too short or does not start like an SQLite database. SQLite itself would treat a file
 * that is too short as a new, empty database.
 */
function checkHeader(file: string): void {
  // Source: https://www.sqlite.org/fileformat.html, "Magic Header String".
  const magic = Buffer.from('SQLite format 3\0');
  const start = Buffer.alloc(magic.length);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, start);
  closeSync(descriptor);
  if (!start.equals(magic)) throw new Error('file is not a database');
}

/** Throws if the file belongs to another program or was written by a newer version of the exporter. */
function checkOwner(database: DatabaseSync): void {
  const read = (name: string) => Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
  if (read('application_id') !== applicationId) throw new Error('the file belongs to another program');
  const version = read('user_version');
  if (version > fileVersion) {
    throw new Error(`the file was written by a newer version of this program (file version ${version})`);
  }
}

/**
 * Returns the lines of SQLite's integrity check that report a problem; an empty list if the file is intact.
 */
function checkIntegrity(database: DatabaseSync): string[] {
  const lines: string[] = [];
  try {
    // Use integrity_check and not quick_check: quick_check does not verify the order of the rows, and is not
    // faster for a table without an index.
    for (const row of database.prepare('PRAGMA integrity_check').iterate()) {
      lines.push(...String(row.integrity_check).split('\n'));
    }
  } catch (error) {
    if (isTransient(error)) throw error;
    lines.push(reasonOf(error));
  }
  return lines.filter((line) => line !== 'ok' && !line.startsWith('***'));
}

/**
 * Pattern of a problem in the lists of free pages, which contain no rows. Such a problem can also make used
 * pages look unused.
 */
const freeSpaceDamage = /free space corruption|^Freelist: |never used$/;

/**
 * Reads all rows of the state file. If SQLite cannot read a page, reads the rows before this page in
 * ascending order of the keys, and the rows after this page in descending order.
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
    // Read numbers as bigints: a damaged number can exceed the safe integers, and SQLite's driver would then
    // throw and end the pass.
    select.setReadBigInts(true);
    try {
      for (const row of select.iterate()) {
        if (order === 'DESC' && row.key === lastKey) return;
        if (order === 'ASC') lastKey = row.key;
        const rowSavedAt = Number(row.saved_at);
        // Ignore a save time after `now`: the value is damaged, or the wall clock was set back.
        if (row.key !== scrapersKey && rowSavedAt <= now && rowSavedAt > (savedAt ?? 0)) savedAt = rowSavedAt;
        // The cast is safe: the query selects exactly the columns of a ReadRow.
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

/**
 * Replaces a damaged state file. Writes its readable rows to a new file, reports the damage, moves the
 * damaged file aside, and moves the new file to the path `file`.
 */
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
  // Create a hard link, then rename atomically. If the process is killed in between, the next start finds
  // either the damaged file or the new file at the path `file`, but never nothing.
  linkSync(file, movedTo);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, movedTo + suffix);
  }
  renameSync(newPath(file), file);
}

/**
 * Writes a complete state file next to its final path, with the suffix `.new`. If the disk is full, the
 * incomplete file has this suffix and cannot be mistaken for a damaged state file.
 */
function writeNewFile(file: string, rows: Iterable<RowChange>, now: EpochMs): void {
  rmSync(newPath(file), { force: true });
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
    for (const _ of createTransaction(database)(rows, now));
  } finally {
    database.close();
  }
}

function newPath(file: string): string {
  return `${file}.new`;
}
