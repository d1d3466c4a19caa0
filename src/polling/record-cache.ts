import type { SavedRecord } from '../model/saved-record.ts';
import type { PollProgress } from '../model/target-ledger.ts';
import type { EpochMs } from '../model/time.ts';
import { isSamePacked, type PackedRecord, packRecord, progressOf, unpackRecord } from './packed-records.ts';
import { createRecordFlush, type RecordFlushParts } from './record-flush.ts';

/**
 * Write-behind cache of the records (polling progress and totals) of all targets. It flushes dirty (changed)
 * records to disk, then publishes their counters to the metrics. Counters must be durable before they are
 * visible: after kill -9, a counter that was published but not saved would decrease. Prometheus would treat
 * this as a counter reset and add the whole total again.
 */
export interface RecordCache {
  /** Returns the current record of a target; undefined if the cache has none. */
  record(targetKey: string): SavedRecord | undefined;
  /**
   * Returns the polling progress of a target; undefined if the cache has no record of the target. Takes a
   * tenth of the time of `record`, because the record is not unpacked.
   */
  progress(targetKey: string): PollProgress | undefined;
  /**
   * Returns the version of a cached record whose counters may be published before the next flush. This is the
   * version on disk, or undefined if there is none. While writes fail, it is `record` itself.
   */
  durable(record: SavedRecord): SavedRecord | undefined;
  /**
   * Replaces the cached record of the same target. If the new record differs from the old one, it becomes
   * dirty, and the next flush saves and publishes it.
   */
  put(record: SavedRecord): void;
  /**
   * Freezes the records whose targets are not in `watched`, that is, keeps them in case their targets return
   * to the config. Removes the records that have been frozen for longer than `retentionMs`. The next flush
   * deletes them from disk.
   */
  retainOnly(watched: ReadonlySet<string>, now: EpochMs, retentionMs: number): void;
  /**
   * Saves and publishes all dirty records in batches, and yields to the event loop between batches. Resolves
   * with whether all of them were saved. The next flush tries again to save the others.
   */
  flush(now: EpochMs): Promise<boolean>;
}

export interface RecordCacheParts extends RecordFlushParts {
  /** Records that were restored from the state file at the start. */
  readonly records: readonly SavedRecord[];
}

export function createRecordCache(parts: RecordCacheParts): RecordCache {
  const { records } = parts;
  const cached = new Map(records.map((record) => [record.targetKey, packRecord(record)]));
  /**
   * Version on disk of each dirty record, by target key; undefined if there is none on disk. If a dirty key
   * has no cached record, the next flush deletes the record from disk.
   */
  const dirty = new Map<string, PackedRecord | undefined>();
  /**
   * Whether a write has failed and some dirty records are still not saved. Some published counters are then
   * not on disk.
   */
  let hasFailed = false;
  let flushing: Promise<boolean> = Promise.resolve(true);

  /**
   * Replaces the packed record of the same target. If the new record differs from the old one, marks it as
   * dirty.
   */
  const putPacked = (packed: PackedRecord) => {
    const { targetKey } = packed;
    if (isSamePacked(packed, cached.get(targetKey))) return;
    markDirty(targetKey);
    cached.set(targetKey, packed);
  };

  /**
   * Marks a record as dirty and remembers its version on disk. Must be called before the cached record is
   * changed.
   */
  function markDirty(targetKey: string): void {
    if (!dirty.has(targetKey)) dirty.set(targetKey, cached.get(targetKey));
  }

  const flushDirty = createRecordFlush({
    cached,
    dirty,
    ...parts,
    setFailed: (failed) => {
      hasFailed = failed;
    },
  });

  return {
    record(targetKey) {
      const packed = cached.get(targetKey);
      return packed && unpackRecord(packed);
    },
    progress(targetKey) {
      const packed = cached.get(targetKey);
      return packed && progressOf(packed);
    },
    // Pack the record immediately: the garbage collector frees short-lived objects cheaply, but not objects
    // that live until the next flush.
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
      // Run only one flush at a time: if two ran concurrently, the one that ends last could publish counters
      // that are older than those of the other.
      const next = () => flushDirty(now);
      // If a listener throws, only the current flush rejects. The next flush still runs.
      flushing = flushing.then(next, next);
      return flushing;
    },
  };
}
