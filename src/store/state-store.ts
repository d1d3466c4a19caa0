import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { RecordChange, SavedRecord } from '../model/saved-record.ts';
import type { EpochMs } from '../model/time.ts';
import { identityOf, watchFiles } from './file-identity.ts';
import type { StateLock } from './lock.ts';
import { createStateFile, type Damage, recreateStateFile, replaceStateFile } from './new-state-file.ts';
import { type RowChange, toRemoval, toRowChanges, toScrapersRow } from './rows.ts';
import { KeptFileError, reasonOf } from './sqlite-errors.ts';
import { checkWritable, connect, type OpenedFile, openStateFile, sideFiles } from './state-file.ts';
import { createTransaction } from './transaction.ts';

/**
 * Open state file of one exporter process. The caller must await each write before it starts the next write.
 */
export type StateStore = OpenedStore['store'];

/** Yields to the event loop. Resolves after one iteration. */
type YieldNow = () => Promise<void>;

/** Result of opening the state: the store, and the content that was saved before. */
export type OpenedStore = ReturnType<typeof openStateStore>;

/** Files of the state that somebody deleted or replaced while they were in use, and that were written again. */
export interface Recreation {
  /** First change that was found, such as *state.db is missing*. */
  readonly why: string;
  /** Path to which the file in the place of the state file was moved; undefined if there was none. */
  readonly movedTo: string | undefined;
}

interface StoreParts {
  /** Lock of the directory, which the caller has taken and releases. */
  readonly lock: Pick<StateLock, 'renew'>;
  /**
   * Receives damage that was found at the start, before the file is moved, so that after a kill the report can
   * be repeated but not lost.
   */
  readonly onDamage: (damage: Damage) => void;
  readonly onRecreated: (recreation: Recreation) => void;
}

/**
 * Opens the state file in an existing directory whose lock the caller holds. If the file is damaged or
 * belongs to another program, copies its readable rows to a new file and moves the old file aside. If the
 * file is locked, not accessible or from a newer version of the exporter, or if the disk is full, throws and
 * leaves the file unchanged. If there is no file and none can be created, throws a StateDirectoryError.
 */
export function openStateStore(directory: string, now: EpochMs, parts: StoreParts) {
  const file = join(directory, 'state.db');
  const isNew = !existsSync(file);
  if (isNew) createStateFile(directory, file);
  let opened: OpenedFile;
  try {
    opened = openStateFile(file, now);
    if (opened.database === undefined) replaceStateFile(file, opened.contents, now, parts.onDamage);
  } catch (error) {
    if (isNew) for (const created of [file, ...sideFiles(file)]) rmSync(created, { force: true });
    const remedy = error instanceof KeptFileError ? error.remedy : 'check its permissions and the disk';
    throw new Error(`cannot use ${file}: ${reasonOf(error)} (the file is unchanged; ${remedy})`, {
      cause: error,
    });
  }
  const { database, contents } = opened.database === undefined ? openStateFile(file, now) : opened;
  if (database === undefined) throw new Error(`cannot open ${file}, which was just created`);
  const { records, scrapers, savedAt } = contents;
  // Earlier versions of the exporter saved the known scrapers in scrapers.json.
  const scrapersFile = join(directory, 'scrapers.json');
  const store = toStore(keepInPlace(file, database, parts), scrapersFile);
  return { store, records, scrapers: scrapers ?? readScrapersFile(scrapersFile), savedAt };
}

/** State file that is written again if somebody deletes or replaces it. */
interface KeptInPlace {
  /** Writes row changes in one transaction, like `createTransaction`. */
  write(rows: Iterable<RowChange>, at: EpochMs): Generator<undefined, void>;
  close(): void;
}

/**
 * Verifies before each write that the paths of the state file, of the files next to it and of the lock still
 * refer to the open files. Otherwise a save would write to a file that the next start does not find, and a
 * second process could use the same directory. Takes the lock again, and writes the state again. Throws if
 * that fails, for example because another process has taken the lock; the next write tries again.
 */
function keepInPlace(file: string, database: DatabaseSync, { lock, onRecreated }: StoreParts): KeptInPlace {
  let open = watched(file, database);
  function restore(now: EpochMs): void {
    const isLockNew = lock.renew();
    const why = open.change();
    if (why !== undefined) {
      const movedTo = recreateStateFile(open, file, now);
      const lost = open.database;
      const database = connect(file);
      checkWritable(database);
      open = watched(file, database);
      lost.close();
      onRecreated({ why, movedTo });
    } else if (isLockNew) onRecreated({ why: 'the lock file was deleted or replaced', movedTo: undefined });
  }
  return {
    *write(rows, at) {
      restore(at);
      yield* open.write(rows, at);
    },
    close: () => open.database.close(),
  };
}

function watched(file: string, database: DatabaseSync) {
  const identity = identityOf(file);
  if (identity === undefined) throw new Error(`${file} was deleted while it was opened`);
  // SQLite keeps its files next to the file to which a symbolic link refers.
  const change = watchFiles([file, ...sideFiles(realpathSync(file))]);
  return { database, identity, change, write: createTransaction(database) };
}

function toStore({ write, close }: KeptInPlace, scrapersFile: string) {
  return {
    /**
     * Saves all changed records in one transaction: either all of them or none. Yields to the event loop
     * between slices. Resolves when the records are durable on disk. Rejects if the write fails. `at` is the
     * time of the save (wall clock, epoch ms).
     */
    async save(changes: readonly RecordChange[], at: EpochMs, yieldNow: YieldNow): Promise<void> {
      const rows = changes.values().flatMap(({ record, saved }) => toRowChanges(record, saved));
      for (const _ of write(rows, at)) await yieldNow();
    },
    /**
     * Deletes all `removed` records in one transaction: either all of them or none. Yields, resolves and
     * rejects like `save`.
     */
    async remove(removed: readonly SavedRecord[], at: EpochMs, yieldNow: YieldNow): Promise<void> {
      for (const _ of write(removed.values().flatMap(toRemoval), at)) await yieldNow();
    },
    /**
     * Replaces the saved known scrapers. `known` contains their names, each with the time of the last scrape
     * (wall clock, epoch ms). The zero hold keeps each new counter at 0 until all known scrapers have
     * received the 0. Throws if the write fails.
     */
    saveScrapers(known: ReadonlyMap<string, EpochMs>, at: EpochMs): void {
      for (const _ of write([toScrapersRow(known)], at));
      rmSync(scrapersFile, { force: true });
    },
    close,
  };
}

/**
 * Returns the known scrapers that an earlier version of the exporter saved; an empty map if the file is
 * missing or unreadable.
 */
function readScrapersFile(file: string): ReadonlyMap<string, EpochMs> {
  try {
    const saved: [name: string, scrapedAt: EpochMs][] = JSON.parse(readFileSync(file, 'utf8'));
    return new Map(saved.filter(([name, at]) => typeof name === 'string' && Number.isFinite(at)));
  } catch {
    return new Map();
  }
}
