import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../model/time.ts';
import { setFileVersion } from './file-format.ts';
import { foldAll, latest } from './fold-all.ts';
import { createJournal, type Journal } from './journal.ts';
import { type JournalEntry, toJournalText } from './journal-lines.ts';
import { type KeepParts, type KeptFiles, keepInPlace } from './kept-files.ts';
import { createMaintenance } from './maintenance.ts';
import { createStateFile, type Damage, replaceStateFile, timeText } from './new-state-file.ts';
import { recordKey } from './record-rows.ts';
import { keepRowSum } from './row-sum.ts';
import { fromScrapersRow, type RowChange, toScrapersRow } from './rows.ts';
import { diskRemedy, isFromDisk, KeptFileError, reasonOf } from './sqlite-errors.ts';
import { type OpenedFile, openStateFile, sideFiles } from './state-file.ts';
import { freezing, readStored, removalOf } from './stored-records.ts';
import { upgradeRows } from './upgrade.ts';

/** Open state of one exporter process. All functions block until the disk has responded. */
export type StateStore = OpenedStore['store'];

/** Result of opening the state: the store, and what was saved besides the records. */
export type OpenedStore = ReturnType<typeof openStateStore>;

export interface StoreParts extends KeepParts {
  /**
   * Receives damage that was found at the start, before the file is moved, so that after a kill the report can
   * be repeated but not lost.
   */
  readonly onDamage: (damage: Damage) => void;
  /**
   * Called after damage was reported, before a file is moved or deleted. If it throws, the next call finds the damage
   * again, but a fold can have removed the rows of lost records.
   */
  readonly beforeRepair?: () => void;
  /** Collects the keys of rows that were lost with a damaged state file, for a further call. By default, it is empty. */
  readonly lostRows?: Set<string>;
}

/** Row of a record that was loaded. */
export type LoadedRow = readonly [targetKey: string, rowKey: string, body: string];

/**
 * Opens the state file in an existing directory whose lock the caller holds, and folds the journal into it. If
 * the file is damaged or belongs to another program, copies its readable rows to a new file and moves the old
 * file aside. If the file is locked, not accessible or from a newer version of the exporter, or if the disk is
 * full, throws and loses nothing. If there is no file and none can be created, throws a StateDirectoryError.
 */
export function openStateStore(directory: string, now: EpochMs, parts: StoreParts) {
  const { onDamage, beforeRepair = () => {}, lostRows: lost = new Set<string>() } = parts;
  const report = (damage: Damage): void => {
    onDamage(damage);
    beforeRepair();
  };
  const file = join(directory, 'state.db');
  const isNew = !existsSync(file);
  // A journal belongs to its state file. Journals beside a missing file, or one of an earlier version, belong
  // to another file. They are moved aside first, so that a kill cannot leave them beside the new file.
  const moveForeignAside = () => {
    const foreign = createJournal(directory);
    for (const number of foreign.numbers()) foreign.moveAside(number, timeText(now));
  };
  if (isNew) {
    createStateFile(directory, file, () => {
      reportLonely(createJournal(directory), now, report);
      moveForeignAside();
    });
  }
  let database: DatabaseSync | undefined;
  try {
    const { contents, ...opened } = openIntact(file, now, { report, lost, onEarlier: moveForeignAside });
    database = opened.database;
    const { records, scrapers, savedAt, isEarlier } = contents;
    if (isEarlier) upgradeRows(database, records, scrapers, now);
    setFileVersion(database);
    keepRowSum(database);
    const journal = createJournal(directory);
    const kept = keepInPlace(file, database, journal, parts);
    const foldedAt = foldAll(journal, kept, { now, lost, onDamage, beforeRepair });
    // Earlier versions of the exporter saved the known scrapers in scrapers.json.
    const scrapersFile = join(directory, 'scrapers.json');
    return {
      store: toStore(journal, kept, scrapersFile),
      scrapers: scrapers ?? readScrapersFile(scrapersFile),
      savedAt: latest(savedAt, foldedAt),
    };
  } catch (error) {
    if (database?.isOpen) database.close();
    if (isNew) for (const created of [file, ...sideFiles(file)]) rmSync(created, { force: true });
    const remedy =
      error instanceof KeptFileError
        ? error.remedy
        : (diskRemedy(error) ?? 'check its permissions and the disk');
    throw new Error(`cannot use ${file}: ${reasonOf(error)} (the file is unchanged; ${remedy})`, {
      cause: error,
    });
  }
}

/** Reports journals whose state file is missing. Who starts anew without a loss deletes them too. */
function reportLonely(journal: Journal, now: EpochMs, report: StoreParts['onDamage']): void {
  const [first] = journal.numbers();
  if (first === undefined) return;
  const problems = ['state.db is missing, and its journal is useless without it'];
  const movedTo = journal.asidePath(first, timeText(now));
  report({ problems, isLossy: true, recovered: 0, movedTo });
}

interface OpenParts {
  readonly report: StoreParts['onDamage'];
  /** Collects the keys of the rows that were lost. */
  readonly lost: Set<string>;
  /** Called before anything is changed if an earlier version of the exporter wrote the file. */
  readonly onEarlier: () => void;
}

/** Opens the state file. Replaces a damaged one. */
function openIntact(file: string, now: EpochMs, { report, lost, onEarlier }: OpenParts) {
  const first: OpenedFile = openStateFile(file, now);
  if (first.contents.isEarlier) onEarlier();
  for (const key of first.contents.unusable) lost.add(key);
  if (first.database !== undefined) return { database: first.database, contents: first.contents };
  replaceStateFile(file, first.contents, now, report);
  const { database, contents } = openStateFile(file, now);
  if (database === undefined) throw new Error('it was just created and is damaged');
  return { database, contents };
}

function toStore(journal: Journal, kept: KeptFiles, scrapersFile: string) {
  const { rows } = kept;
  /** Whether files were written again and the caller does not know yet that it must save whole records. */
  let needsWhole = false;
  const restore = (at: EpochMs): boolean => {
    const isAgain = kept.restore(at);
    if (isAgain) {
      needsWhole = true;
      maintenance.restart();
    }
    return isAgain;
  };
  const maintenance = createMaintenance(journal, { ...kept, restore });
  return {
    /**
     * Saves changes of records: all of them or none. Returns true when they are durable on disk, and false if the
     * changes of all records must be whole records, because files were written again. Throws if the write fails.
     * `at` is the time of the save (wall clock, epoch ms).
     */
    append(entries: readonly JournalEntry[], at: EpochMs): boolean {
      restore(at);
      if (needsWhole && !entries.every(({ isWhole }) => isWhole)) {
        needsWhole = false;
        return false;
      }
      journal.append(toJournalText(entries, at), at);
      return true;
    },
    /**
     * Returns the rows of records, one record after the other; nothing for a record that does not exist. If a
     * record is damaged, deletes its rows and adds the reason to `problems`.
     */
    *load(targetKeys: readonly string[], problems: string[], at: EpochMs): Iterable<LoadedRow> {
      for (const targetKey of targetKeys) {
        try {
          const stored = readStored(rows(), targetKey);
          problems.push(...(stored?.problems ?? []));
          for (const { key, body } of stored?.rows ?? []) yield [targetKey, key, body];
        } catch (error) {
          if (isFromDisk(error)) throw error;
          problems.push(reasonOf(error));
          const removal = [true, false].flatMap((isFrozen) => [...removalOf(rows(), targetKey, isFrozen)]);
          rows().write(removal, at);
        }
      }
    },
    /** Returns the keys of the first `limit` records that are not frozen and whose keys come after `after`. */
    liveKeys(after: string, limit: number): readonly string[] {
      const prefix = recordKey('');
      return rows()
        .rows(prefix, limit, prefix + after)
        .map(({ key }) => String(key).slice(prefix.length));
    },
    /**
     * Freezes records: they are kept for the retention, but not read at the next start. The journal must contain
     * no change of these records (see `MaintenanceState.oldest`). Returns the keys of damaged records, which stay as
     * they are: the next start reports them, unless they are saved again as a whole.
     */
    freeze(targetKeys: readonly string[], at: EpochMs): readonly string[] {
      restore(at);
      const damaged: string[] = [];
      const changesOf = (targetKey: string): readonly RowChange[] => {
        try {
          return [...freezing(rows(), targetKey, at)];
        } catch (error) {
          if (isFromDisk(error)) throw error;
          damaged.push(targetKey);
          return [];
        }
      };
      rows().write(targetKeys.values().flatMap(changesOf), at);
      return damaged;
    },
    /**
     * Replaces the saved known scrapers. `known` contains their names, each with the time of the last scrape
     * (wall clock, epoch ms). The zero hold keeps each new counter at 0 until all known scrapers have
     * received the 0. Throws if the write fails.
     */
    saveScrapers(known: ReadonlyMap<string, EpochMs>, at: EpochMs): void {
      restore(at);
      rows().write([toScrapersRow(known)], at);
      rmSync(scrapersFile, { force: true });
    },
    maintain: maintenance.step,
    close(): void {
      journal.close();
      kept.close();
    },
  };
}

/**
 * Returns the known scrapers that an earlier version of the exporter saved; an empty map if the file is
 * missing or unreadable.
 */
function readScrapersFile(file: string): ReadonlyMap<string, EpochMs> {
  try {
    return fromScrapersRow(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return new Map();
  }
}
