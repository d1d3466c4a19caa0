import { realpathSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../model/time.ts';
import { identityOf, watchFiles } from './file-identity.ts';
import type { Journal } from './journal.ts';
import type { StateLock } from './lock.ts';
import { recreateStateFile, timeText } from './new-state-file.ts';
import { createRowFile, type RowFile } from './row-file.ts';
import { checkWritable, connect, sideFiles } from './state-file.ts';

/** Files of the state that somebody deleted or replaced while they were in use, and that were written again. */
export interface Recreation {
  /** First change that was found, such as *state.db is missing*. */
  readonly why: string;
  /** Path to which the file in the place of the state file was moved; undefined if there was none. */
  readonly movedTo: string | undefined;
}

export interface KeepParts {
  /** Lock of the directory, which the caller has taken and releases. */
  readonly lock: Pick<StateLock, 'renew'>;
  readonly onRecreated: (recreation: Recreation) => void;
}

/** Files of the state that are written again if somebody deletes or replaces them. */
export interface KeptFiles {
  /** Returns the rows of the state file in its current place. */
  rows(): RowFile;
  /**
   * Verifies that the paths of the state file, of the files next to it, of the journal and of the lock still
   * refer to the open files. Otherwise a save would write to a file that the next start does not find, and a
   * second process could use the same directory. Takes the lock again, and writes the files again. Throws if
   * that fails, for example because another process has taken the lock; the next call tries again. Must be
   * called before each write. Reports whether something was written again: then another process can have changed
   * the state, and the next change of each record must be the whole record.
   */
  restore(now: EpochMs): boolean;
  /**
   * Reports whether everything that was written is in the state file itself, and not only in its write-ahead log.
   * A damaged log would undo it without an error. This can take a while if another process reads the file.
   */
  isCheckpointed(): boolean;
  /** Returns the size of the state file in bytes. */
  size(): number;
  close(): void;
}

/** Keeps an open state file and its journal in their places. */
export function keepInPlace(
  file: string,
  database: DatabaseSync,
  journal: Pick<Journal, 'change' | 'recreate' | 'moveForeignAside' | 'forgetMissing' | 'seal'>,
  { lock, onRecreated }: KeepParts,
): KeptFiles {
  let open = watched(file, database);
  /** Repair that has begun. If a step fails, the next call continues it. */
  let repair: { readonly why: string; readonly isFileLost: boolean; movedTo: string | undefined } | undefined;

  /** Identity of a state file that was written again, but that could not be used yet. */
  let unused: string | undefined;

  /** Writes the state file again and continues there. */
  function recreateFile(now: EpochMs): string | undefined {
    const movedTo = recreateStateFile({ ...open, unused }, file, now);
    unused = identityOf(file);
    const lost = open.database;
    open = openWritable(file);
    lost.close();
    unused = undefined;
    return movedTo;
  }

  return {
    rows: () => open.rows,
    restore(now) {
      const isLockNew = lock.renew();
      const fileChange = open.change();
      const why = fileChange ?? (isLockNew ? 'the lock file was deleted or replaced' : journal.change());
      const isFileLost = fileChange !== undefined || repair?.isFileLost === true;
      if (why !== undefined) repair = { why, movedTo: undefined, ...repair, isFileLost };
      if (repair === undefined) return false;
      // Another process can have used the file meanwhile.
      if (isLockNew) unused = undefined;
      if (fileChange !== undefined) {
        const movedTo = recreateFile(now);
        repair.movedTo ??= movedTo;
      }
      // If another process has used the same state file meanwhile, it has folded the journal.
      if (isLockNew && !isFileLost) journal.forgetMissing();
      // After the state file: without it, the next start does not use the journal.
      else journal.recreate();
      if (isFileLost) journal.moveForeignAside(timeText(now));
      journal.seal();
      onRecreated({ why: repair.why, movedTo: repair.movedTo });
      repair = undefined;
      return true;
    },
    isCheckpointed() {
      const { busy, log, checkpointed } = open.database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get() ?? {};
      return busy === 0 && log === checkpointed;
    },
    size() {
      const read = (name: string) => Number(open.database.prepare(`PRAGMA ${name}`).get()?.[name]);
      return read('page_count') * read('page_size');
    },
    close: () => open.database.close(),
  };
}

function openWritable(file: string) {
  const database = connect(file);
  try {
    checkWritable(database);
    return watched(file, database);
  } catch (error) {
    database.close();
    throw error;
  }
}

function watched(file: string, database: DatabaseSync) {
  const identity = identityOf(file);
  if (identity === undefined) throw new Error(`${file} was deleted while it was opened`);
  // SQLite keeps its files next to the file to which a symbolic link refers.
  const change = watchFiles([file, ...sideFiles(realpathSync(file))]);
  return { database, identity, change, rows: createRowFile(database) };
}
