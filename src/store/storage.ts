import type { EpochMs } from '../model/time.ts';
import type { JournalEntry } from './journal-lines.ts';
import type { Recreation } from './kept-files.ts';
import { lockState, type StateLock, StateLockedError } from './lock.ts';
import type { MaintenanceRequest, MaintenanceState } from './maintenance.ts';
import type { Damage } from './new-state-file.ts';
import { type LoadedRow, openStateStore, type StateStore } from './state-store.ts';

/** What to open, and for whom. */
export interface OpenRequest {
  readonly directory: string;
  /** Wall clock, epoch ms. */
  readonly now: EpochMs;
  readonly pid: number;
  /** Start of the process, in the message of another process that finds the state locked. */
  readonly startedAt: string;
}

/**
 * Result of opening: the state is open, or another process has locked it, or damage was found. Damage is repaired
 * only after the caller has logged it and opens the state again, so that a kill cannot hide it.
 */
export type OpenReply =
  | {
      readonly is: 'open';
      readonly scrapers: ReadonlyMap<string, EpochMs>;
      readonly savedAt: EpochMs | undefined;
    }
  | { readonly is: 'locked'; readonly holder: string }
  | { readonly is: 'damaged'; readonly damages: readonly Damage[] };

/** Part of the rows of loaded records. */
export interface LoadReply {
  readonly rows: readonly LoadedRow[];
  /** Whether `loadMore` returns further rows. */
  readonly isMore: boolean;
  /** Damage that was found, one sentence each. */
  readonly problems: readonly string[];
}

/** Operations on the state. They block until the disk has responded, so they run in a thread of their own. */
export interface StorageOperations {
  open(request: OpenRequest): OpenReply;
  /** Returns false if nothing was saved, because the changes of all records must be whole records. */
  append(entries: readonly JournalEntry[], at: EpochMs): boolean;
  /** Starts to read the rows of records, in parts that do not block the receiver for long. */
  load(targetKeys: readonly string[], at: EpochMs): LoadReply;
  loadMore(): LoadReply;
  liveKeys(after: string, limit: number): readonly string[];
  /** Returns the keys of records that were not frozen because they are damaged. */
  freeze(targetKeys: readonly string[], at: EpochMs): readonly string[];
  saveScrapers(known: ReadonlyMap<string, EpochMs>, at: EpochMs): void;
  maintain(request: MaintenanceRequest): MaintenanceState;
  /** Closes the state and releases its lock. */
  close(): void;
}

/**
 * Sends operations to the state, which runs in another thread: while the disk hangs, promises stay pending, and
 * nothing else waits. Operations run in the order of the calls.
 */
export interface StoragePort {
  call<Name extends keyof StorageOperations>(
    name: Name,
    ...parameters: Parameters<StorageOperations[Name]>
  ): Promise<ReturnType<StorageOperations[Name]>>;
  /** Ends the thread. Pending calls reject. */
  end(): Promise<void>;
}

/** Creates a port. `onRecreated` receives files that were written again. */
export type StorageFactory = (onRecreated: (recreation: Recreation) => void) => StoragePort;

/** Total length in characters of the rows in one reply. Receiving them takes about 1 ms. */
const maxReplyLength = 256 * 1024;

/** Thrown to stop the opening before damage is repaired. */
class DamageFound extends Error {
  readonly damages: readonly Damage[];

  constructor(damages: readonly Damage[]) {
    super('the state is damaged');
    this.damages = damages;
  }
}

/** Creates the operations on one state directory. */
export function createStorage(onRecreated: (recreation: Recreation) => void): StorageOperations {
  let lock: StateLock | undefined;
  let opened: StateStore | undefined;
  let loading: { readonly rows: Iterator<LoadedRow>; readonly problems: string[] } | undefined;
  /**
   * Damage that the caller has received and logged: the path to which the damaged file is moved, or the problems of
   * files that stay. A number of reports would not do, because repaired damage is not found again.
   */
  const reported = new Set<string>();
  /** Keys of the lost rows of a state file that was replaced: the journal cannot restore their records either. */
  const lostRows = new Set<string>();

  const store = (): StateStore => {
    if (opened === undefined) throw new Error('bug: the state is not open');
    return opened;
  };

  function nextRows(): LoadReply {
    if (loading === undefined) throw new Error('bug: nothing is loaded');
    const rows: LoadedRow[] = [];
    for (let length = 0; length < maxReplyLength; ) {
      const { done, value } = loading.rows.next();
      if (done) return { rows, isMore: false, problems: loading.problems.splice(0) };
      rows.push(value);
      length += value[2].length;
    }
    return { rows, isMore: true, problems: [] };
  }

  return {
    open({ directory, now, ...self }) {
      try {
        lock ??= lockState(directory, self);
        const found: Damage[] = [];
        const { store: openedStore, ...rest } = openStateStore(directory, now, {
          lock,
          onRecreated,
          onDamage(damage) {
            const id = damage.movedTo ?? damage.problems.join('\n');
            if (reported.has(id)) return;
            reported.add(id);
            found.push(damage);
          },
          beforeRepair() {
            if (found.length > 0) throw new DamageFound(found);
          },
          lostRows,
        });
        opened = openedStore;
        return { is: 'open', ...rest };
      } catch (error) {
        if (error instanceof StateLockedError) return { is: 'locked', holder: error.holder };
        if (error instanceof Error && error.cause instanceof DamageFound)
          return { is: 'damaged', damages: error.cause.damages };
        lock?.undo();
        lock = undefined;
        throw error;
      }
    },
    append: (entries, at) => store().append(entries, at),
    load(targetKeys, at) {
      const problems: string[] = [];
      loading = { rows: store().load(targetKeys, problems, at)[Symbol.iterator](), problems };
      return nextRows();
    },
    loadMore: nextRows,
    liveKeys: (after, limit) => store().liveKeys(after, limit),
    freeze: (targetKeys, at) => store().freeze(targetKeys, at),
    saveScrapers: (known, at) => store().saveScrapers(known, at),
    maintain: (request) => store().maintain(request),
    close() {
      opened?.close();
      lock?.release();
    },
  };
}
