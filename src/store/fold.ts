import type { SavedRecord } from '../model/saved-record.ts';
import type { EpochMs } from '../model/time.ts';
import type { Journal } from './journal.ts';
import { type DamagedLine, type JournalLine, readJournal } from './journal-lines.ts';
import { patchRecord, type RecordDiff } from './record-change.ts';
import {
  frozenPrefix,
  recordFromRows,
  recordKey,
  toRecordRows,
  type VersionedRecord,
} from './record-rows.ts';
import type { RowFile } from './row-file.ts';
import type { RowChange } from './rows.ts';
import { isFromDisk, reasonOf } from './sqlite-errors.ts';
import { readStored, removalOf, type StoredRecord } from './stored-records.ts';

/** Records that a step of a fold could not restore: their totals start at 0. */
export interface FoldStep {
  readonly isDone: boolean;
  readonly lost: readonly string[];
}

interface FoldParts {
  readonly journal: Pick<Journal, 'read' | 'name'>;
  readonly number: number;
  /** Whether a crash can have interrupted the last append to this file. */
  readonly isLast: boolean;
  readonly file: Pick<RowFile, 'row' | 'rows' | 'write'>;
  /** Reports whether a record was lost before, with the state file or an earlier journal. By default, none was. */
  readonly wasLost?: (targetKey: string) => boolean;
}

/**
 * Creates the fold of one journal file: it writes the records with the changes in the file to the state file,
 * a few records per transaction. Each record is written with the number of its last change, so that a fold
 * that was interrupted can start again. After the last step, the journal file is not needed.
 */
export function createFold({ journal, number, isLast, file, wasLost = () => false }: FoldParts) {
  const name = journal.name(number);
  const bytes = journal.read(number);
  const { linesOf, damaged, savedAt: lastSavedAt, end } = readJournal(bytes, isLast);
  const changeAt = ({ from, to }: JournalLine): RecordDiff => JSON.parse(bytes.toString('utf8', from, to));
  const damagedOf = Map.groupBy(damaged, ({ targetKey }) => targetKey);
  /** Reports whether there is or was a record with this key, which can be damaged itself. */
  const isKnown = (targetKey: string) =>
    linesOf.has(targetKey) ||
    wasLost(targetKey) ||
    [recordKey(targetKey), frozenPrefix + recordKey(targetKey)].some((key) => file.row(key) !== undefined);
  // In the order of the keys, neighboring records are in the same page of the state file.
  const keys = [...new Set([...linesOf.keys(), ...[...damagedOf.keys()].filter(isKnown)])].sort();
  /** Reports whether an intact line has the key and the version of a damaged one, of which one is wrong then. */
  const isTwin = ({ targetKey, version }: DamagedLine) =>
    linesOf.get(targetKey)?.some((line) => line.version === version) ?? false;
  const problems = damaged
    .filter((line) => !isKnown(line.targetKey) || isTwin(line))
    .map(({ offset }) => `${name}: the line at byte ${offset} is damaged`);
  let next = 0;
  let lostCount = 0;

  /**
   * Reads the record in the state file, to which `all` changes are applied. If a part of it is unreadable, but the
   * journal contains the whole record, returns only the changes from there on, which do not depend on it.
   */
  function readBefore(targetKey: string, all: readonly JournalLine[]): FoldBase {
    try {
      const stored = readStored(file, targetKey);
      const [problem] = stored?.problems ?? [];
      if (problem !== undefined) throw new Error(problem);
      return { stored, before: stored && recordFromRows(targetKey, stored.rows), changes: all };
    } catch (error) {
      const whole = all.findLastIndex(({ isWhole }) => isWhole);
      if (isFromDisk(error) || whole === -1) throw error;
      return { stored: undefined, before: undefined, changes: all.slice(whole) };
    }
  }

  /** Returns the row changes that fold one record. Adds the record to `lost` if it cannot be restored. */
  function* folded(targetKey: string, lost: string[], at: EpochMs): Iterable<RowChange> {
    const all = linesOf.get(targetKey) ?? [];
    try {
      const { stored, before, changes } = readBefore(targetKey, all);
      if (changes !== all) for (const isFrozen of [false, true]) yield* removalOf(file, targetKey, isFrozen);
      const damagedLines = damagedOf.get(targetKey) ?? [];
      const { version, record } = applyLines(before, targetKey, { changes, changeAt, damagedLines });
      if (record === undefined || record === before?.record) return;
      if (stored?.isFrozen) yield* removalOf(file, targetKey, true);
      const savedAt = all.at(-1)?.savedAt ?? at;
      yield* toRecordRows({ version, record }, stored?.isFrozen ? undefined : before?.record, savedAt);
    } catch (error) {
      if (isFromDisk(error)) throw error;
      lost.push(targetKey);
      lostCount++;
      problems.push(`${targetKey}: ${reasonOf(error)} (${name})`);
      for (const isFrozen of [false, true]) yield* removalOf(file, targetKey, isFrozen);
    }
  }

  return {
    /** Problems that were found so far, one sentence each. */
    problems: problems as readonly string[],
    /** Length of the file without an append that a crash has interrupted; undefined if there is none. */
    intactEnd: end < bytes.length ? end : undefined,
    /** Reports whether the file contains an intact change of the record. */
    hasChangeOf: (targetKey: string): boolean => linesOf.has(targetKey),
    /** Number of records with changes, less those that could not be restored. */
    recovered: () => keys.length - lostCount,
    /** Time of the last save in the file (wall clock, epoch ms); 0 if there is none. */
    savedAt: lastSavedAt,
    /** Folds at most `maxRecords` further records in one transaction. `at` is the time of the save. */
    step(maxRecords: number, at: EpochMs): FoldStep {
      const lost: string[] = [];
      const part = keys.slice(next, next + maxRecords);
      if (part.length > 0)
        file.write(
          part.values().flatMap((targetKey) => folded(targetKey, lost, at)),
          at,
        );
      next += part.length;
      return { isDone: next >= keys.length, lost };
    },
  };
}

/** Record in the state file before a fold, and the changes that are applied to it. */
interface FoldBase {
  readonly stored: StoredRecord | undefined;
  readonly before: VersionedRecord | undefined;
  readonly changes: readonly JournalLine[];
}

interface AppliedLines {
  readonly changes: readonly JournalLine[];
  readonly changeAt: (line: JournalLine) => RecordDiff;
  readonly damagedLines: readonly DamagedLine[];
}

/** Returns the record after the changes of a journal. Throws if a change is missing. */
function applyLines(
  before: { readonly version: number; readonly record: SavedRecord } | undefined,
  targetKey: string,
  { changes, changeAt, damagedLines }: AppliedLines,
): { readonly version: number; readonly record: SavedRecord | undefined } {
  let { version, record } = before ?? { version: 0, record: undefined };
  // A record that a fold has lost is saved as a whole again, and changes from in between can come before it.
  const whole = changes.findLastIndex(({ isWhole }) => isWhole);
  for (const line of changes.slice(Math.max(0, whole))) {
    // Changes up to this version are in the state file: an earlier fold was interrupted. But a whole record is
    // always used, because another process can have used the state after the one that wrote it.
    if (!line.isWhole && line.version <= version) continue;
    if (!line.isWhole && (record === undefined || line.version !== version + 1)) {
      throw new Error('a saved change is missing');
    }
    record = patchRecord(line.isWhole ? undefined : record, targetKey, changeAt(line));
    version = line.version;
  }
  const last = version;
  if (damagedLines.some((line) => !(line.version <= last)))
    throw new Error('the last saved change is damaged');
  return { version, record };
}
