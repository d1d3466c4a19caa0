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

/**
 * Open state file of one exporter process. The caller must await each write before it starts the next write.
 */
export type StateStore = OpenedStore['store'];

/** Yields to the event loop. Resolves after one iteration. */
type YieldNow = () => Promise<void>;

/** Result of opening the state: the store, and the content that was saved before. */
export type OpenedStore = ReturnType<typeof openStateStore>;

/**
 * Opens the state file in an existing directory whose lock the caller holds. If the file is damaged or
 * belongs to another program, copies its readable rows to a new file and moves the old file aside. Calls
 * `report` before the file is moved, so that after a kill the report can be repeated but not lost. If the
 * file is locked or not accessible, or if the disk is full, throws and leaves the file unchanged. If there is
 * no file and none can be created, throws a StateDirectoryError.
 */
export function openStateStore(directory: string, now: EpochMs, report: (damage: Damage) => void) {
  const file = join(directory, 'state.db');
  if (!existsSync(file)) createStateFile(directory, file);
  let opened: OpenedFile;
  try {
    opened = openStateFile(file, now);
    if (opened.database === undefined) replaceStateFile(file, opened.contents, now, report);
  } catch (error) {
    throw new Error(
      `cannot use ${file}: ${reasonOf(error)} (the file is unchanged; check its permissions and the disk)`,
      { cause: error },
    );
  }
  const { database, contents } = opened.database === undefined ? openStateFile(file, now) : opened;
  if (database === undefined) throw new Error(`cannot open ${file}, which was just created`);
  const { records, scrapers, savedAt } = contents;
  // Earlier versions of the exporter saved the known scrapers in scrapers.json.
  const scrapersFile = join(directory, 'scrapers.json');
  const store = toStore(database, scrapersFile);
  return { store, records, scrapers: scrapers ?? readScrapersFile(scrapersFile), savedAt };
}

function toStore(database: DatabaseSync, scrapersFile: string) {
  const write = createTransaction(database);
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
    close: (): void => database.close(),
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
