import { type EpochMs, minuteMs } from '../model/time.ts';
import type { PackedRecord } from './packed-records.ts';

/** Background work of the store. */
interface Maintenance {
  readonly at: EpochMs;
  /** Deletes the records that were frozen before this time; undefined: deletes none. */
  readonly expireBefore: EpochMs | undefined;
  /** Whether to compact everything that was saved up to now. */
  readonly isUrgent: boolean;
}

interface Maintained {
  readonly oldest: number;
  readonly next: number;
  /** Whether further records are to be deleted. */
  readonly isExpiring: boolean;
  /** Keys of records whose saved changes are damaged. They must be saved again. */
  readonly lost: readonly string[];
}

export interface FrozenRecordParts {
  /**
   * Does a part of the background work of the store. What was saved before `next` was returned is compacted when a
   * later call returns an `oldest` that is larger than that.
   */
  readonly maintainStore: (work: Maintenance) => Promise<Maintained>;
  /**
   * Freezes records on disk. Everything that was saved of them must be compacted. Resolves with the keys of records
   * that were not frozen because they are damaged on disk.
   */
  readonly freeze: (targetKeys: readonly string[], now: EpochMs) => Promise<readonly string[]>;
  /** Called with the keys of records that were removed from memory. */
  readonly onEvicted: (targetKeys: readonly string[]) => void;
  /** Returns keys of records on disk that are not frozen: at most `limit`, in order, after `after`. */
  readonly liveKeys: (after: string, limit: number) => Promise<readonly string[]>;
}

interface Shared {
  readonly cached: Map<string, PackedRecord>;
  readonly isDirty: (targetKey: string) => boolean;
  /** Lets the next flush save a record of the cache as a whole. */
  readonly saveAgain: (targetKey: string) => void;
  /** Keys of records that are being read from disk. */
  readonly loading: ReadonlySet<string>;
}

/** Frozen record that is still in memory. */
interface Waiting {
  readonly since: EpochMs;
  /** Value of `next` of the store after the last change was saved; undefined before that. */
  savedBefore: number | undefined;
}

/**
 * Time in ms for which a frozen record stays in memory. Longer than any request, because the answer to a request
 * that was sent before the target was removed is still counted.
 */
const keepMs = 5 * minuteMs;

/** Time in ms between two deletions of the records whose retention has passed. */
const expireEveryMs = 10 * minuteMs;

/** Number of records that one call freezes on disk. */
const keysPerFreeze = 500;

/**
 * Creates the part of the record cache that moves frozen records out of memory. They stay on disk, where they are
 * read only if their targets return.
 */
export function createFrozenRecords(parts: FrozenRecordParts & Shared) {
  const { cached, isDirty, saveAgain, loading, maintainStore, freeze, onEvicted, liveKeys } = parts;
  const waiting = new Map<string, Waiting>();
  let retentionMs: number | undefined;
  let expiredAt: EpochMs | undefined;
  /** Last value of `oldest` of the store. */
  let compactedBefore = 0;
  /** Where to continue to look for records on disk that no target uses; undefined when all are frozen. */
  let unusedAfter: string | undefined = '';

  /** Freezes records that were on disk at the start and that no target of the config uses. */
  async function freezeUnused(now: EpochMs): Promise<void> {
    if (unusedAfter === undefined || retentionMs === undefined) return;
    const keys = await liveKeys(unusedAfter, keysPerFreeze);
    const unused = keys.filter((targetKey) => !cached.has(targetKey) && !loading.has(targetKey));
    if (unused.length > 0) await freeze(unused, now);
    unusedAfter = keys.at(-1);
    // Some of them can have been frozen longer than the retention.
    if (unused.length > 0) expiredAt = undefined;
  }

  /** Removes the frozen records from memory that are completely in the state file. */
  async function evict(now: EpochMs): Promise<void> {
    const ready = [...waiting].filter(([targetKey, each]) => {
      const { savedBefore = compactedBefore } = each;
      return isDue(each, now) && savedBefore < compactedBefore && !isDirty(targetKey);
    });
    const keys = ready.slice(0, keysPerFreeze).map(([targetKey]) => targetKey);
    if (keys.length === 0) return;
    const packed = keys.map((targetKey) => cached.get(targetKey));
    const damaged = new Set(await freeze(keys, now));
    for (const targetKey of damaged) saveAgain(targetKey);
    // A target can have returned meanwhile.
    const evicted = keys.filter(
      (key, i) => waiting.has(key) && cached.get(key) === packed[i] && !damaged.has(key),
    );
    for (const targetKey of evicted) {
      cached.delete(targetKey);
      waiting.delete(targetKey);
    }
    onEvicted(evicted);
  }

  return {
    /** Adds a record whose target was removed from the config. */
    add(targetKey: string, now: EpochMs): void {
      if (!waiting.has(targetKey)) waiting.set(targetKey, { since: now, savedBefore: undefined });
    },
    /** Must be called when a record changes, because a request can still be in progress. */
    changed(targetKey: string): void {
      const each = waiting.get(targetKey);
      if (each !== undefined) each.savedBefore = undefined;
    },
    /** Keeps records in memory whose targets return to the config. */
    keep(targetKeys: readonly string[]): void {
      for (const targetKey of targetKeys) waiting.delete(targetKey);
    },
    setRetention(ms: number): void {
      if (ms !== retentionMs) expiredAt = undefined;
      retentionMs = ms;
    },
    /** Does a part of the background work. Rejects if the disk fails. */
    async maintain(now: EpochMs): Promise<void> {
      await freezeUnused(now);
      const isCompacted = ({ savedBefore = compactedBefore }: Waiting) => savedBefore < compactedBefore;
      const isUrgent = waiting.values().some((each) => isDue(each, now) && !isCompacted(each));
      const isExpiryDue = expiredAt === undefined || Math.abs(now - expiredAt) >= expireEveryMs;
      const expireBefore = retentionMs !== undefined && isExpiryDue ? now - retentionMs : undefined;
      const saved = [...waiting].filter(([targetKey]) => !isDirty(targetKey));
      const { oldest, next, isExpiring, lost } = await maintainStore({ at: now, expireBefore, isUrgent });
      // A record that does not change would leave the memory, or the process would end, without a save.
      for (const targetKey of lost) saveAgain(targetKey);
      if (expireBefore !== undefined && !isExpiring) expiredAt = now;
      compactedBefore = oldest;
      // A record can have changed meanwhile.
      for (const [targetKey, each] of saved) if (!isDirty(targetKey)) each.savedBefore ??= next;
      await evict(now);
    },
  };
}

function isDue({ since }: Waiting, now: EpochMs): boolean {
  return Math.abs(now - since) >= keepMs;
}
