import { type EpochMs, hourMs } from '../model/time.ts';
import { createFold } from './fold.ts';
import type { Journal } from './journal.ts';
import type { KeptFiles } from './kept-files.ts';
import { timeText } from './new-state-file.ts';
import { frozenPrefix, recordKey } from './record-rows.ts';
import { removalOf } from './stored-records.ts';

/** Work that a step of the maintenance may do. */
export interface MaintenanceRequest {
  /** Wall clock, epoch ms. */
  readonly at: EpochMs;
  /** Deletes the records that were frozen before this time; undefined: deletes none. */
  readonly expireBefore: EpochMs | undefined;
  /** Whether to fold the journal now, although it is small. */
  readonly isUrgent: boolean;
}

/** State after a step. */
export interface MaintenanceState {
  /** Number of the oldest journal file that is not folded. Changes in files before it are in the state file. */
  readonly oldest: number;
  /** Number of the journal file to which the next save goes. */
  readonly next: number;
  /** Whether further frozen records are to be deleted. */
  readonly isExpiring: boolean;
  /** Keys of records that could not be folded, because the journal is damaged. They must be saved as a whole. */
  readonly lost: readonly string[];
}

/** Number of records that one step folds, which takes some ten milliseconds. */
const recordsPerStep = 500;
/** Number of frozen records that one step deletes. */
const expiredPerStep = 500;

/** Maximum age of a journal file before it is folded. */
const maxAgeMs = hourMs;
/** Size of a journal file from which on it is folded, in bytes, and relative to the size of the state file. */
const minBytes = 4 * 1024 * 1024;
const minShare = 3;

/**
 * Creates the background work of the store: it folds the journal into the state file when the journal is large
 * or old, and deletes frozen records after their retention. Each step is short, so that a save waits for at most
 * one step.
 */
export function createMaintenance(journal: Journal, { rows, restore, isCheckpointed, size }: KeptFiles) {
  let fold: { readonly number: number; readonly steps: ReturnType<typeof createFold> } | undefined;

  function foldNext(at: EpochMs): readonly string[] {
    const number = fold?.number ?? journal.numbers().find((each) => each !== journal.current()?.number);
    if (number === undefined) return [];
    fold ??= { number, steps: createFold({ journal, number, isLast: false, file: rowsInPlace }) };
    const { isDone, lost } = fold.steps.step(recordsPerStep, at);
    if (!isDone || !isCheckpointed()) return lost;
    if (fold.steps.problems.length === 0) journal.remove(number);
    else journal.moveAside(number, timeText(at));
    fold = undefined;
    return lost;
  }

  /** The rows in the current place of the state file, which can change between two steps. */
  const rowsInPlace: Parameters<typeof createFold>[0]['file'] = {
    row: (key) => rows().row(key),
    rows: (...query) => rows().rows(...query),
    write: (changes, at) => rows().write(changes, at),
  };

  function sealIfDue({ at, isUrgent }: MaintenanceRequest): void {
    const current = journal.current();
    if (current === undefined) return;
    const isOld = Math.abs(at - current.startedAt) >= maxAgeMs;
    if (isUrgent || isOld || current.size >= Math.max(minBytes, minShare * size())) journal.seal();
  }

  /** Deletes frozen records. Reports whether there can be more of them. */
  function expire(before: EpochMs, at: EpochMs): boolean {
    const prefix = frozenPrefix + recordKey('');
    const keys = rows().keysSavedBefore(prefix, before, expiredPerStep);
    if (keys.length === 0) return false;
    const targetKeys = keys.map((key) => key.slice(prefix.length));
    rows().write(
      targetKeys.flatMap((targetKey) => [...removalOf(rows(), targetKey, true)]),
      at,
    );
    return keys.length === expiredPerStep;
  }

  return {
    /** Starts the fold in progress again, because another process can have used the files. */
    restart(): void {
      fold = undefined;
    },
    /** Does a part of the work. Throws if a write fails; the next step tries again. */
    step(request: MaintenanceRequest): MaintenanceState {
      const { at, expireBefore } = request;
      restore(at);
      const wasFolding = fold !== undefined;
      const lost = foldNext(at);
      // A lost record is saved as a whole after its changes in the current file. In another file, it would be lost twice.
      if (!wasFolding && fold === undefined && lost.length === 0) sealIfDue(request);
      const isExpiring = expireBefore !== undefined && expire(expireBefore, at);
      const [oldest = journal.nextNumber()] = journal.numbers();
      return { oldest, next: journal.nextNumber(), isExpiring, lost };
    },
  };
}
