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
  type OpenedFile,
  openStateFile,
  replaceStateFile,
} from './state-file.ts';
import { createTransaction } from './transaction.ts';

/** Open state of one daemon. The caller awaits each write before it starts the next one. */
export type StateStore = OpenedStore['store'];

/** Returns to the event loop. */
type YieldNow = () => Promise<void>;

export type OpenedStore = ReturnType<typeof openStateStore>;

/**
 * Opens the state in an existing directory; the caller holds its lock. If the file is damaged or foreign, copies its
 * readable rows to a new file and moves it aside. Calls `report` before it moves the file, so a kill can repeat a
 * report but never omit it. If the file is locked, not accessible, or the disk is full, throws and leaves the file
 * unchanged. Throws a StateDirectoryError if there is no file and none can be created.
 */
export function openStateStore(directory: string, now: EpochMs, report: (damage: Damage) => void) {
  const file = join(directory, 'state.db');
  if (!existsSync(file)) createStateFile(directory, file);
  let opened: OpenedFile;
  try {
    opened = openStateFile(file, now);
    if (opened.database === undefined) replaceStateFile(file, opened.contents, now, report);
  } catch (error) {
    throw new Error(`cannot use ${file}, which is left unchanged: ${reasonOf(error)}`, { cause: error });
  }
  const { database, contents } = opened.database === undefined ? openStateFile(file, now) : opened;
  if (database === undefined) throw new Error(`cannot open ${file}, which was just created`);
  const { records, scrapers, savedAt } = contents;
  // Earlier versions kept the scrapers in this file.
  const scrapersFile = join(directory, 'scrapers.json');
  const store = toStore(database, scrapersFile);
  return { store, records, scrapers: scrapers ?? readScrapersFile(scrapersFile), savedAt };
}

function toStore(database: DatabaseSync, scrapersFile: string) {
  const write = createTransaction(database);
  return {
    /** Saves all records or none. Resolves when they are durable; yields in between. Rejects if the write fails. */
    async save(changes: readonly RecordChange[], at: EpochMs, yieldNow: YieldNow): Promise<void> {
      const rows = changes.values().flatMap(({ record, saved }) => toRowChanges(record, saved));
      for (const _ of write(rows, at)) await yieldNow();
    },
    /** Deletes all records or none. Resolves and rejects like `save`. */
    async remove(removed: readonly SavedRecord[], at: EpochMs, yieldNow: YieldNow): Promise<void> {
      for (const _ of write(removed.values().flatMap(toRemoval), at)) await yieldNow();
    },
    /** Replaces the known scrapers, each with the time of its last scrape. Throws if the write fails. */
    saveScrapers(known: ReadonlyMap<string, EpochMs>, at: EpochMs): void {
      for (const _ of write([toScrapersRow(known)], at));
      rmSync(scrapersFile, { force: true });
    },
    close: (): void => database.close(),
  };
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
