import type { RecordChange, SavedRecord } from '../model/saved-record.ts';
import type { PollProgress } from '../model/target-ledger.ts';
import type { EpochMs } from '../model/time.ts';
import { isSamePacked, type PackedRecord, packRecord, progressOf, unpackRecord } from './packed-records.ts';

/**
 * Write-behind cache of the records (progress and totals) of all targets. The cache flushes dirty (changed)
 * records to disk, then publishes their counters. Counters must be durable before they are visible: a counter
 * that was published before it was saved would decrease after kill -9. Prometheus would treat the decrease as
 * a counter reset and add the whole total again.
 */
export interface RecordCache {
  /** Returns the current record of a target. undefined if the cache has no record of the target. */
  record(targetKey: string): SavedRecord | undefined;
  /**
   * Returns the polling progress of a target, in a tenth of the time of `record`, because the record stays
   * packed. undefined if the cache has no record of the target.
   */
  progress(targetKey: string): PollProgress | undefined;
  /**
   * Returns the version of a cached record that may be published before the next flush: the version on disk,
   * or undefined if no version is on disk. While writes fail, returns `record` itself.
   */
  durable(record: SavedRecord): SavedRecord | undefined;
  /**
   * Replaces the record of its target. If the new record differs from the old record, the record becomes
   * dirty: the next flush saves and publishes it.
   */
  put(record: SavedRecord): void;
  /**
   * Freezes the records whose targets are not in `watched`, because these targets can return to the config.
   * Removes the records that have been frozen for longer than `retentionMs`. The next flush deletes removed
   * records from disk.
   */
  retainOnly(watched: ReadonlySet<string>, now: EpochMs, retentionMs: number): void;
  /**
   * Saves and publishes all dirty records in batches, and yields to the event loop between batches. Resolves
   * to true if all dirty records were saved. The next flush retries the records that were not saved.
   */
  flush(now: EpochMs): Promise<boolean>;
}

/** Dependencies of `createRecordCache`. */
export interface RecordCacheParts {
  /** Records that the program restored from the state file at its start. */
  readonly records: readonly SavedRecord[];
  /** Saves a batch of records atomically. Rejects if the write fails. */
  readonly saveBatch: (changes: readonly RecordChange[], now: EpochMs, yieldNow: Yield) => Promise<void>;
  /** Deletes records atomically. Rejects if the write fails. */
  readonly remove: (records: readonly SavedRecord[], now: EpochMs, yieldNow: Yield) => Promise<void>;
  /** Receives each dirty record after the attempt to save the record, also if the write failed. */
  readonly publish: (record: SavedRecord) => void;
  /**
   * Called after each flush that wrote something, if all writes succeeded. `now` is the wall time of the
   * flush.
   */
  readonly onSaved: (now: EpochMs) => void;
  /** Called once per flush in which a write failed, with the error of the first failed write. */
  readonly onFailed: (error: unknown) => void;
  readonly yieldNow: Yield;
}

/** Dirty record of a batch, with the packed form that the cache holds. */
interface DirtyRecord extends RecordChange {
  readonly packed: PackedRecord;
}

/** Function that yields to the event loop. */
type Yield = () => Promise<void>;

/**
 * Number of records per transaction, which takes 2-3 ms. A transaction of 50,000 records would block the
 * event loop for 440 ms.
 */
const batchSize = 200;

export function createRecordCache(parts: RecordCacheParts): RecordCache {
  const { records, publish, onSaved, onFailed, yieldNow } = parts;
  const cached = new Map(records.map((record) => [record.targetKey, packRecord(record)]));
  /**
   * Version on disk of each dirty record, by target key; undefined if no version is on disk. If the cache no
   * longer contains the record of a dirty key, the next flush deletes the record from disk.
   */
  const dirty = new Map<string, PackedRecord | undefined>();
  /**
   * Whether a write failed and not every dirty record has been saved since the failure, so that some
   * published counters are not on disk.
   */
  let hasFailed = false;
  let flushing: Promise<boolean> = Promise.resolve(true);

  /**
   * Replaces the packed record of its target. If the new record differs from the old record, marks it as
   * dirty.
   */
  const putPacked = (packed: PackedRecord) => {
    const { targetKey } = packed;
    if (isSamePacked(packed, cached.get(targetKey))) return;
    markDirty(targetKey);
    cached.set(targetKey, packed);
  };

  /**
   * Marks a record as dirty and remembers its version on disk. Call `markDirty` before the cached record
   * changes.
   */
  function markDirty(targetKey: string): void {
    if (!dirty.has(targetKey)) dirty.set(targetKey, cached.get(targetKey));
  }

  /** Returns the dirty keys whose records are cached (to write) or not cached (to delete). */
  const dirtyKeys = (isCached: boolean) => [...dirty.keys()].filter((key) => cached.has(key) === isCached);

  /**
   * Returns the record to write, as a list. The list is empty if the record was removed, or if the disk
   * already has the current version.
   */
  function toWrite(targetKey: string): DirtyRecord[] {
    const packed = cached.get(targetKey);
    const before = dirty.get(targetKey);
    if (packed === undefined) return [];
    if (isSamePacked(packed, before)) {
      dirty.delete(targetKey);
      return [];
    }
    const saved = before?.question === 'control_history' ? before : undefined;
    return [{ record: unpackRecord(packed), packed, saved }];
  }

  async function writeBatch(batch: readonly DirtyRecord[], now: EpochMs): Promise<void> {
    await parts.saveBatch(batch, now, yieldNow);
    for (const { packed } of batch) {
      const { targetKey } = packed;
      if (cached.get(targetKey) === packed) dirty.delete(targetKey);
      // A record that was replaced or removed during the write stays dirty.
      else dirty.set(targetKey, packed);
    }
  }

  async function deleteBatch(keys: readonly string[], now: EpochMs): Promise<void> {
    // Keep the rows of a target that has returned to the config since the flush started.
    const removed = keys.filter((key) => !cached.has(key));
    const onDisk = removed.flatMap((key) => dirty.get(key) ?? []);
    await parts.remove(onDisk.map(unpackRecord), now, yieldNow);
    for (const key of removed) {
      // If the target returned during the write, its new record is cached, but none of its rows is on disk.
      if (cached.has(key)) dirty.set(key, undefined);
      else dirty.delete(key);
    }
  }

  async function flushDirty(now: EpochMs): Promise<boolean> {
    let attempts = 0;
    let allSaved = true;
    const attempt = async (write: () => Promise<void>) => {
      attempts++;
      try {
        await write();
      } catch (error) {
        if (allSaved) onFailed(error);
        allSaved = false;
        hasFailed = true;
      }
    };
    for (const keys of toBatches(dirtyKeys(false))) {
      if (attempts > 0) await yieldNow();
      await attempt(() => deleteBatch(keys, now));
    }
    // Keys that become dirty during the flush wait for the next flush. A batch reads each record when the
    // batch starts.
    for (const keys of toBatches(dirtyKeys(true))) {
      if (attempts > 0) await yieldNow();
      const batch = keys.flatMap(toWrite);
      if (batch.length === 0) continue;
      await attempt(() => writeBatch(batch, now));
      // Publish also if the write failed: a gap on every graph would be worse than repeated samples after a
      // crash, which the log reports. Skip records that were replaced during the write, because their series
      // can have been removed or restarted.
      for (const { record, packed } of batch) {
        if (cached.get(packed.targetKey) === packed) publish(record);
      }
    }
    hasFailed = !allSaved;
    // Report success only if every batch was saved: if the disk is full, one batch can fit and another batch
    // can fail.
    if (attempts > 0 && allSaved) onSaved(now);
    return allSaved;
  }

  return {
    record(targetKey) {
      const packed = cached.get(targetKey);
      return packed && unpackRecord(packed);
    },
    progress(targetKey) {
      const packed = cached.get(targetKey);
      return packed && progressOf(packed);
    },
    // Pack the record immediately: short-lived objects are cheap to collect, but objects that live until the
    // next flush are not.
    put: (record) => putPacked(packRecord(record)),
    durable(record) {
      const { targetKey } = record;
      if (hasFailed || !dirty.has(targetKey)) return record;
      const saved = dirty.get(targetKey);
      return saved && unpackRecord(saved);
    },
    retainOnly(watched, now, retentionMs) {
      for (const [targetKey, packed] of cached) {
        if (watched.has(targetKey)) continue;
        if (packed.frozenAt === undefined) putPacked({ ...packed, frozenAt: now });
        else if (packed.frozenAt < now - retentionMs) {
          markDirty(targetKey);
          cached.delete(targetKey);
        }
      }
    },
    flush(now) {
      // Run flushes one after another, because two concurrent flushes could publish older counters after
      // newer counters.
      const next = () => flushDirty(now);
      // If a listener throws, only the flush in progress rejects. The next flush runs in any case.
      flushing = flushing.then(next, next);
      return flushing;
    },
  };
}

function toBatches(all: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(all.length / batchSize) }, (_, i) =>
    all.slice(i * batchSize, (i + 1) * batchSize),
  );
}
