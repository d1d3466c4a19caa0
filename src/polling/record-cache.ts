import type { SavedRecord } from '../model/saved-record.ts';
import type { PollProgress } from '../model/target-ledger.ts';
import type { EpochMs } from '../model/time.ts';
import { isSamePacked, type PackedRecord, packRecord, progressOf, unpackRecord } from './packed-records.ts';
import { createRecordFlush, type RecordFlushParts } from './record-flush.ts';

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

export interface RecordCacheParts extends RecordFlushParts {
  /** Records that the program restored from the state file at its start. */
  readonly records: readonly SavedRecord[];
}

export function createRecordCache(parts: RecordCacheParts): RecordCache {
  const { records } = parts;
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
