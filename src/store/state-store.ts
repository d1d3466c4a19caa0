import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { RecordChange, SavedRecord } from '../model/saved-record.ts';
import type { EpochMs } from '../model/time.ts';
import { toRemoval, toRowChanges, toScrapersRow } from './rows.ts';
import { reasonOf } from './sqlite-errors.ts';
import {
  createStateFile,
  type Damage,
  openStateFile,
  replaceStateFile,
  type StateContents,
} from './state-file.ts';
import { createTransaction } from './transaction.ts';

/** Open state of one daemon. The caller awaits each write before it starts the next one. */
export interface StateStore {
  /**
   * Saves all records or none. Resolves when they are durable; yields in between. Rejects if the write fails.
   */
  save(changes: readonly RecordChange[], now: EpochMs, yieldNow: YieldNow): Promise<void>;
  /** Deletes all records or none. Resolves and rejects like `save`. */
  remove(records: readonly SavedRecord[], now: EpochMs, yieldNow: YieldNow): Promise<void>;
  /** Replaces the known scrapers, each with the time of its last scrape. Throws if the write fails. */
  saveScrapers(scrapers: ReadonlyMap<string, EpochMs>, now: EpochMs): void;
  close(): void;
}

/** Returns to the event loop. */
type YieldNow = () => Promise<void>;

export interface OpenedStore {
  readonly store: StateStore;
  readonly records: readonly SavedRecord[];
  readonly scrapers: ReadonlyMap<string, EpochMs>;
  /** Time of the last save of a record; undefined if there was none or its time is unknown. */
  readonly savedAt: EpochMs | undefined;
}

/**
 * Opens the state in an existing directory; the caller holds its lock. If the file is damaged or foreign, copies its
 * readable rows to a new file and moves it aside. Calls `report` before it moves the file, so a kill can repeat a
 * report but never omit it. If the file is locked, not accessible, or the disk is full, throws and leaves the file
 * unchanged. Throws a StateDirectoryError if there is no file and none can be created.
 */
export function openStateStore(
  directory: string,
  now: EpochMs,
  report: (damage: Damage) => void,
): OpenedStore {
  const file = join(directory, 'state.db');
  if (!existsSync(file)) createStateFile(directory, file);
  const opened = unchangedOnError(file, () => {
    const found = openStateFile(file, now);
    if (found.database !== undefined) return found;
    replaceStateFile(file, found.contents, now, report);
    return undefined;
  });
  const { database, contents } = opened ?? openStateFile(file, now);
  if (database === undefined) throw new Error(`cannot open ${file}, which was just created`);
  return toStore(database, contents, directory);
}

function unchangedOnError<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`cannot use ${file}, which is left unchanged: ${reasonOf(error)}`, { cause: error });
  }
}

function toStore(
  database: DatabaseSync,
  { records, scrapers, savedAt }: StateContents,
  directory: string,
): OpenedStore {
  const write = createTransaction(database);
  // Earlier versions kept the scrapers in this file.
  const scrapersFile = join(directory, 'scrapers.json');
  const store: StateStore = {
    async save(changes, at, yieldNow) {
      const rows = changes.values().flatMap(({ record, saved }) => toRowChanges(record, saved));
      for (const _ of write(rows, at)) await yieldNow();
    },
    async remove(removed, at, yieldNow) {
      for (const _ of write(removed.values().flatMap(toRemoval), at)) await yieldNow();
    },
    saveScrapers(known, at) {
      for (const _ of write([toScrapersRow(known)], at));
      rmSync(scrapersFile, { force: true });
    },
    close: () => database.close(),
  };
  return { store, records, scrapers: scrapers ?? readScrapersFile(scrapersFile), savedAt };
}

/** Returns the scrapers that an earlier version saved; none if the file is missing or unreadable. */
function readScrapersFile(file: string): ReadonlyMap<string, EpochMs> {
  try {
    const saved: [name: string, scrapedAt: EpochMs][] = JSON.parse(readFileSync(file, 'utf8'));
    return new Map(saved.filter(([name, at]) => typeof name === 'string' && Number.isFinite(at)));
  } catch {
    return new Map();
  }
}
