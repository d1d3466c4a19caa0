import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../model/time.ts';
import { checkHeader, checkOwner, fileVersion, isEarlierFile, newerVersionError } from './file-format.ts';
import { checkAccess } from './private-files.ts';
import { type CheckedRows, checkRows } from './row-check.ts';
import { isRowSumDamaged, rowSumProblem } from './row-sum.ts';
import {
  intactBody,
  isNewerRow,
  put,
  type ReadRow,
  type RowChange,
  rowVersion,
  scrapersKey,
} from './rows.ts';
import { isTransient, reasonOf } from './sqlite-errors.ts';

/** What was found in a state file: records of earlier versions, known scrapers, and damage. */
export interface StateContents extends CheckedRows {
  /**
   * Time of the last save of a record (wall clock, epoch ms); undefined if no record was saved or the time is
   * unknown.
   */
  readonly savedAt: EpochMs | undefined;
  /** Whether an earlier version of the exporter wrote the file. */
  readonly isEarlier: boolean;
  /** Whether rows were lost. Totals in lost rows restart at 0. */
  readonly isLossy: boolean;
  /** If there are problems: the usable rows, for a new file. Otherwise empty. */
  readonly rows: readonly RowChange[];
}

/** Returns the paths of the files that SQLite keeps next to an open state file. */
export function sideFiles(file: string): readonly string[] {
  return [`${file}-wal`, `${file}-shm`];
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

/**
 * Opens the state file, verifies the whole file and reads all rows. The verification includes unused pages:
 * SQLite itself verifies such a page only when it uses the page, so damage there would make later saves fail.
 * Throws if the file is locked or not accessible, if a newer version of the exporter wrote it, or if the disk
 * is full.
 */
export function openStateFile(file: string, now: EpochMs): OpenedFile {
  let database: DatabaseSync | undefined;
  try {
    checkAccess(dirname(file), [file, ...sideFiles(file)]);
    checkHeader(file);
    database = connect(file, { isChecked: false });
    const contents = readContents(database, now);
    if (contents.problems.length === 0) {
      database.exec('PRAGMA writable_schema = OFF');
      checkWritable(database);
      return { database, contents };
    }
    database.close();
    return { database: undefined, contents };
  } catch (error) {
    if (database?.isOpen) database.close();
    if (isTransient(error)) throw error;
    return { database: undefined, contents: { ...noContents, problems: [reasonOf(error)], isLossy: true } };
  }
}

const noContents = {
  isEarlier: false,
  records: [],
  rows: [],
  scrapers: undefined,
  savedAt: undefined,
  usable: 0,
  unusable: new Set<string>(),
};

/**
 * Opens an existing state file for saves. Throws if it belongs to another program or to a newer version. If it is not
 * checked, SQLite ignores damaged definitions of triggers, without which the rows are readable.
 */
export function connect(file: string, { isChecked = true } = {}): DatabaseSync {
  // Only without the defensive mode, the schema can be made writable, which is what ignores damage.
  const database = new DatabaseSync(file, { defensive: isChecked });
  try {
    database.exec(`PRAGMA busy_timeout = 1000; PRAGMA writable_schema = ${isChecked ? 'OFF' : 'ON'}`);
    checkOwner(database);
    // With `synchronous = FULL`, a commit survives a power failure. The checkpoint after each commit copies
    // the write-ahead log to the main file. Without it, damage to the log would undo commits, because SQLite
    // silently ends the log at the first damaged frame and ignores all later commits.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Throws if the file cannot be written: SQLite opens a read-only file without an error and reports the error
 * only for a write.
 */
export function checkWritable(database: DatabaseSync): void {
  database.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${fileVersion}; ROLLBACK`);
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

type SavedRow = ReadRow & { readonly saved_at: unknown };

/**
 * Reads all rows of the state file. If SQLite cannot read a page, reads the rows before this page in
 * ascending order of the keys, and the rows after this page in descending order.
 */
function readContents(database: DatabaseSync, now: EpochMs): StateContents {
  const fileProblems = checkIntegrity(database);
  let isComplete = fileProblems.every((problem) => freeSpaceDamage.test(problem));
  let savedAt: EpochMs | undefined;
  let lastKey: unknown;

  function* rows(order: 'ASC' | 'DESC'): Iterable<SavedRow> {
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
        // The cast is safe: the query selects exactly the columns of a SavedRow.
        const read = row as unknown as SavedRow;
        if (isNewerRow(read)) throw newerVersionError(`row version ${read.version} of ${read.key}`);
        const rowSavedAt = Number(row.saved_at);
        // Ignore a save time after `now`: the value is damaged, or the wall clock was set back.
        if (row.key !== scrapersKey && rowSavedAt <= now && rowSavedAt > (savedAt ?? 0)) savedAt = rowSavedAt;
        yield read;
      }
    } catch (error) {
      if (isTransient(error)) throw error;
      isComplete = false;
      fileProblems.push(reasonOf(error));
      if (order === 'ASC') yield* rows('DESC');
    }
  }
  const read = checkRows(rows('ASC'));
  if (isRowSumDamaged(database)) fileProblems.push('the triggers of the table are damaged');
  // A sum that differs because a page or a row is damaged says nothing new.
  const sumProblem = isComplete && read.problems.length === 0 ? rowSumProblem(database) : undefined;
  const rowProblems = sumProblem === undefined ? read.problems : [sumProblem];
  const problems = [...fileProblems.slice(0, 1), ...rowProblems];
  return {
    ...read,
    isEarlier: isEarlierFile(database),
    savedAt,
    problems,
    rows: problems.length === 0 ? [] : [...usableRows(rows('ASC'), read)],
    isLossy: !isComplete || rowProblems.length > 0,
  };
}

/** Returns the usable rows that this version of the exporter wrote, for a new file. */
function* usableRows(rows: Iterable<SavedRow>, { unusable }: CheckedRows): Iterable<RowChange> {
  const copied = new Set<string>();
  for (const row of rows) {
    const { key } = row;
    if (typeof key !== 'string' || key === scrapersKey || unusable.has(key) || copied.has(key)) continue;
    if (Number(row.version) !== rowVersion) continue;
    copied.add(key);
    yield put(key, intactBody(row), Number(row.saved_at));
  }
}
