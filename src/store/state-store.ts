import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ControlRecord } from '../model/control-record.ts';
import type { SavedRecord } from '../model/saved-record.ts';
import type { EpochMs } from '../model/time.ts';
import { StateFolderError } from './lock.ts';
import { checkDatabase, type RecoveredRows, readRows, recoverRows } from './recover.ts';
import { fromRows, type ReadRows, type RowChange, toRemoval, toRowChanges } from './rows.ts';
import { isDamage, isTransient, reasonOf } from './sqlite-errors.ts';
import { checkWal } from './wal.ts';

/** A record, and what of it is on the disk already. */
export interface RecordChange {
  readonly record: SavedRecord;
  /** Of a domain, which has a row for each of its streams; undefined: nothing, or all of it is to be written. */
  readonly saved: ControlRecord | undefined;
}

/**
 * The state file of one daemon. SQLite: what is saved stays saved through kill -9. One change at a time: the next one
 * waits for the end of the last.
 */
export interface StateStore {
  /** All or nothing, and on the disk when it resolves; the loop turns in between. Rejects when the disk refuses. */
  save(changes: readonly RecordChange[], now: EpochMs, turn: Turn): Promise<void>;
  /** Forgets records for good, in the same manner. */
  remove(records: readonly SavedRecord[], now: EpochMs, turn: Turn): Promise<void>;
  close(): void;
}

/** Lets the event loop turn. */
type Turn = () => Promise<void>;

export interface OpenedStore {
  readonly store: StateStore;
  /** What was saved before. */
  readonly saved: ReadRows;
  /** When any of it was last saved; undefined: nothing was, or when is not known. */
  readonly savedAt: EpochMs | undefined;
  /** One sentence when there was a file that could not be used, or not in whole: it was moved aside, and totals begin anew. */
  readonly problem: string | undefined;
  /** One sentence when the file was damaged, and is not any more: nothing was lost. */
  readonly repaired: string | undefined;
  /** To be called once the problem is told. Until then each start brings it: the one that met it may have been killed. */
  readonly reported: () => void;
}

/** "lsex" in ASCII: tells our file from any other SQLite file. */
const applicationId = 0x6c736578;
const fileVersion = 1;

/**
 * Opens the state in `folder`, which is there. The caller holds the lock. Throws when the file can't be used just now,
 * which is then as it was, and a StateFolderError when there was none and none can be made.
 */
export function openStateStore(folder: string, now: EpochMs): OpenedStore {
  const file = join(folder, 'state.db');
  if (!existsSync(file)) {
    makeFile(folder, file);
    const [untold] = untoldTimes(folder);
    // Killed before it had moved all of it.
    if (untold !== undefined) move(file, `${file}.untold-${untold}`);
    // Of a file that somebody took away: SQLite would read them into the new one.
    else for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
    renameSync(unfinished(file), file);
  }
  try {
    checkHead(file);
    checkWal(`${file}-wal`);
    return { ...resets(folder, brokenOff), repaired: undefined, ...openFile(file, now) };
  } catch (error) {
    if (isTransient(error)) throw leftAsItIs(file, error);
    return replace(folder, now, error);
  }
}

/** Puts a new file in the place of one that is damaged, or not ours, with all that can be read of the damaged one. */
function replace(folder: string, now: EpochMs, fault: unknown): OpenedStore {
  const file = join(folder, 'state.db');
  const reason = reasonOf(fault);
  // First: where there is no room for a new one, the old one stays, and the next start says the same.
  makeFile(folder, file);
  const { records, problems, unread } = isDamage(fault) ? copyReadable(file, now) : nothingRead;
  // A log of saves that is still there, since another program has the file open, would be taken for that of the new one.
  const isWhole = unread === undefined && records.length > 0 && !existsSync(`${file}-wal`);
  if (!isWhole) move(file, `${file}.untold-${new Date(now).toISOString().replaceAll(':', '')}`);
  renameSync(unfinished(file), file);
  const { store, saved, savedAt } = openFile(file, now);
  return {
    ...(isWhole ? resets(folder, brokenOff) : resets(folder, reason, records.length > 0)),
    repaired:
      isWhole && problems.length === 0
        ? `${file} was damaged (${reason}); every row could be read and was written anew`
        : undefined,
    store,
    saved: { records: saved.records, problems },
    savedAt,
  };
}

const nothingRead: RecoveredRows = { records: [], problems: [], unread: 'it is not ours' };

/** Writes what can be read of a damaged file into the one that is to replace it. */
function copyReadable(file: string, now: EpochMs): RecoveredRows {
  try {
    const damaged = new DatabaseSync(file);
    const rescued = closing(damaged, recoverRows);
    const fresh = new DatabaseSync(unfinished(file));
    closing(fresh, () => openDatabase(fresh, now, rescued.records));
    // Closed, a file is whole without it, if the disk took all of it.
    if (existsSync(`${unfinished(file)}-wal`)) throw new Error(`${unfinished(file)} can't be written`);
    return rescued;
  } catch (error) {
    throw leftAsItIs(file, error);
  }
}

function closing<T>(database: DatabaseSync, work: (database: DatabaseSync) => T): T {
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function leftAsItIs(file: string, error: unknown): Error {
  return new Error(`${file} can't be used now and is left as it is: ${reasonOf(error)}`, { cause: error });
}

/** Why an earlier start moved a file aside, which did not come so far as to say it. */
const brokenOff = 'the start that found out why was broken off';

/** What is still to be told: of the files that were moved aside, by this start or by one that did not come so far. */
function resets(
  folder: string,
  reason: string,
  isPartRead = false,
): Pick<OpenedStore, 'problem' | 'reported'> {
  const file = join(folder, 'state.db');
  const times = untoldTimes(folder);
  const lost = isPartRead ? 'what could not be read of it starts from 0' : 'all totals start from 0';
  const asides = times.map((time) => `${file}.unusable-${time}`).join(' and ');
  return {
    problem:
      times.length === 0
        ? undefined
        : `${file} can't be used (${reason}); it was moved to ${asides}, and ${lost}`,
    reported() {
      for (const time of times) move(`${file}.untold-${time}`, `${file}.unusable-${time}`);
    },
  };
}

/** When the files that are not told of yet were moved aside, the newest first. */
function untoldTimes(folder: string): readonly string[] {
  const times = readdirSync(folder).flatMap((name) => /^state\.db\.untold-(.*Z)$/.exec(name)?.[1] ?? []);
  return times.toSorted().toReversed();
}

/** The file first: without what SQLite keeps beside it, it would be an older state, which the next start would go on with. */
function move(from: string, to: string): void {
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(from + suffix)) renameSync(from + suffix, to + suffix);
  }
}

/** Beside its place, to be moved there once it is whole: what a full disk left of it would look like a state that was lost. */
function makeFile(folder: string, file: string): void {
  let database: DatabaseSync | undefined;
  try {
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() && !existsSync(file)) {
      throw new Error('state.db is a link to a file that is not there');
    }
    for (const suffix of ['', '-wal', '-shm']) rmSync(unfinished(file) + suffix, { force: true });
    database = new DatabaseSync(unfinished(file));
    // A target's row with a dozen samples fits a page of 8 kB, where one of 4 kB would need another beside it.
    database.exec('PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL;');
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${fileVersion};`);
    database.close();
  } catch (error) {
    if (database?.isOpen) database.close();
    throw new StateFolderError(folder, error);
  }
}

function unfinished(file: string): string {
  return `${file}.new`;
}

/** SQLite takes a file of a few bytes, or of none, for a new one, and would not say that there was another. */
function checkHead(file: string): void {
  if (!existsSync(file)) return;
  const head = Buffer.alloc(sqliteHead.length);
  const opened = openSync(file, 'r');
  readSync(opened, head);
  closeSync(opened);
  if (!head.equals(sqliteHead)) throw new Error('file is not a database');
}

/** The first bytes of every database (https://www.sqlite.org/fileformat.html, "Magic Header String"). */
const sqliteHead = Buffer.from('SQLite format 3\0');

/** Also reads all of it: what is damaged is found when it is read, and not before. */
function openFile(file: string, now: EpochMs): Pick<OpenedStore, 'store' | 'saved' | 'savedAt'> {
  const database = new DatabaseSync(file);
  try {
    return openDatabase(database, now);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** With the records of `rescued`, where there are any, in the place of what it holds. */
function openDatabase(
  database: DatabaseSync,
  now: EpochMs,
  rescued?: readonly SavedRecord[],
): Pick<OpenedStore, 'store' | 'saved' | 'savedAt'> {
  // FULL: a row is on the disk before it is shown, also when the power fails.
  database.exec('PRAGMA busy_timeout = 1000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  checkOwner(database);
  checkDatabase(database);
  // A file that may only be read is opened without a word; the first write says so.
  database.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${fileVersion}; ROLLBACK;`);
  database.exec(
    'CREATE TABLE IF NOT EXISTS ledgers (key TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL, ' +
      'checksum INTEGER NOT NULL, saved_at INTEGER NOT NULL) STRICT, WITHOUT ROWID',
  );
  const upsert = database.prepare(
    'INSERT INTO ledgers (key, version, body, checksum, saved_at) VALUES (?, ?, ?, ?, ?) ' +
      'ON CONFLICT (key) DO UPDATE SET version = excluded.version, body = excluded.body, ' +
      'checksum = excluded.checksum, saved_at = excluded.saved_at',
  );
  const removeRow = database.prepare('DELETE FROM ledgers WHERE key = ?');

  /**
   * One transaction, with a yield after so many rows. It stays open meanwhile, so that a record of any size is saved as
   * a whole: cut into transactions, a crash could leave a watermark without its totals.
   */
  function* transaction(changes: Iterable<RowChange>, now: EpochMs, first = ''): Generator<undefined, void> {
    try {
      database.exec(`BEGIN IMMEDIATE; ${first}`);
      let rows = 0;
      for (const { key, row } of changes) {
        if (rows > 0 && rows % rowsAtATime === 0) yield;
        rows++;
        if (row === undefined) removeRow.run(key);
        else upsert.run(key, row.version, row.body, row.checksum, now);
      }
      database.exec('COMMIT');
    } finally {
      // Not committed; a disk that is full may have rolled back already.
      if (database.isTransaction) database.exec('ROLLBACK');
    }
  }

  const turning = async (steps: Iterable<undefined>, turn: Turn) => {
    for (const _ of steps) await turn();
  };

  const store: StateStore = {
    save: (changes, now, turn) => turning(transaction(rowsOf(changes), now), turn),
    remove: (records, now, turn) => turning(transaction(removalOf(records), now), turn),
    close: () => database.close(),
  };
  let savedAt: EpochMs | undefined;
  function* rows() {
    for (const row of readRows(database)) {
      const at = Number(row.savedAt);
      // One that is ahead is damaged, or of a clock that was.
      if (at <= now && at > (savedAt ?? 0)) savedAt = at;
      yield row;
    }
  }
  const saved = fromRows(rows());
  const anew = rescued ?? (saved.problems.length > 0 ? saved.records : undefined);
  if (anew !== undefined) {
    // Left there, unusable rows would be told at each start, and totals without a target would come back with it.
    const kept = anew.map((record) => ({ record, saved: undefined }));
    for (const _ of transaction(rowsOf(kept), now, 'DELETE FROM ledgers'));
    savedAt = kept.length > 0 ? now : undefined;
  }
  return { store, saved, savedAt };
}

function* rowsOf(changes: readonly RecordChange[]): Iterable<RowChange> {
  for (const { record, saved } of changes) yield* toRowChanges(record, saved);
}

function* removalOf(records: readonly SavedRecord[]): Iterable<RowChange> {
  for (const record of records) yield* toRemoval(record);
}

/** How many rows are written before the loop may turn: 1-2 ms. */
const rowsAtATime = 200;

/** Throws when the file is another program's, or was written by a newer version of this one. */
function checkOwner(database: DatabaseSync): void {
  if (pragma(database, 'application_id') !== applicationId) throw new Error('it belongs to another program');
  const version = pragma(database, 'user_version');
  if (version > fileVersion) {
    throw new Error(`it was written by a newer version of this program (file version ${version})`);
  }
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
