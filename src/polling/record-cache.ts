import type { SavedRecord } from '../model/saved-record.ts';
import type { PollProgress } from '../model/target-ledger.ts';
import type { EpochMs } from '../model/time.ts';
import { isSamePacked, type PackedRecord, packRecord, progressOf, unpackRecord } from './packed-records.ts';
import { createRecordFlush, type RecordFlushParts } from './record-flush.ts';

/**
 * Write-behind cache of all records: flushes dirty records to disk, then publishes their counters. Durable
 * before visible: a counter that was published before it was saved would decrease after kill -9. Prometheus
 * would treat that as a reset and add the whole total again.
 */
export interface RecordCache {
  /** Returns the current record of a target; undefined before the first `put`. */
  record(targetKey: string): SavedRecord | undefined;
  /** Returns the progress of the target without unpacking its record, in a tenth of the time of `record`. */
  progress(targetKey: string): PollProgress | undefined;
  /**
   * Returns the version of a cached record that can be published before the next flush: the one on disk, or
   * undefined if there is none. While writes fail, that is the record itself.
   */
  durable(record: SavedRecord): SavedRecord | undefined;
  /** Replaces a record. If it differs, it is dirty: the next flush saves and publishes it. */
  put(record: SavedRecord): void;
  /**
   * Freezes the records that are not watched, for targets that can return to the config. Removes those that
   * have been frozen for longer than the retention; the next flush deletes them from disk.
   */
  retainOnly(watched: ReadonlySet<string>, now: EpochMs, retentionMs: number): void;
  /**
   * Saves and publishes all dirty records in batches, and yields to the event loop in between. Resolves to
   * true if all of them were saved; the next flush retries the others.
   */
  flush(now: EpochMs): Promise<boolean>;
}

export interface RecordCacheParts extends RecordFlushParts {
  /** Records that were restored at the start. */
  readonly records: readonly SavedRecord[];
}

export function createRecordCache(parts: RecordCacheParts): RecordCache {
  const { records } = parts;
  const cached = new Map(records.map((record) => [record.targetKey, packRecord(record)]));
  /** Version on disk of each dirty record. Dirty records that are no longer cached are to be deleted. */
  const dirty = new Map<string, PackedRecord | undefined>();
  /** Whether a write failed and not everything was saved since: some published counters are not on disk. */
  let hasFailed = false;
  let flushing: Promise<boolean> = Promise.resolve(true);

  const putPacked = (packed: PackedRecord) => {
    const { targetKey } = packed;
    if (isSamePacked(packed, cached.get(targetKey))) return;
    markDirty(targetKey);
    cached.set(targetKey, packed);
  };

  /** Marks a record as dirty and remembers its version on disk. Call it before the cached record changes. */
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
    // Packs immediately: short-lived objects are cheap to collect, objects that live until the next flush are
    // not.
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
      // Flushes run one after another, because two concurrent ones could publish older counters after newer
      // ones.
      const next = () => flushDirty(now);
      // An error of a listener rejects only the flush that it happened in; the next one runs all the same.
      flushing = flushing.then(next, next);
      return flushing;
    },
  };
}
