import type { RecordChange, SavedRecord } from '../model/saved-record.ts';
import type { PollProgress } from '../model/target-ledger.ts';
import type { EpochMs } from '../model/time.ts';
import { isSamePacked, type PackedRecord, packRecord, progressOf, unpackRecord } from './packed-records.ts';

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

export interface RecordCacheParts {
  /** Records that were restored at the start. */
  readonly records: readonly SavedRecord[];
  /** Saves a batch atomically. Rejects if the write fails. */
  readonly saveBatch: (changes: readonly RecordChange[], now: EpochMs, yieldNow: Yield) => Promise<void>;
  /** Deletes records atomically. Rejects if the write fails. */
  readonly remove: (records: readonly SavedRecord[], now: EpochMs, yieldNow: Yield) => Promise<void>;
  /** Receives each record after it was saved. */
  readonly publish: (record: SavedRecord) => void;
  /** Called after each flush that had dirty records, if all of them were saved. */
  readonly onSaved: (now: EpochMs) => void;
  /** Called once per flush in which a write failed, with the first error. */
  readonly onFailed: (error: unknown) => void;
  readonly yieldNow: Yield;
}

/** Dirty record of a batch, also in the form that the cache holds. */
interface DirtyRecord extends RecordChange {
  readonly packed: PackedRecord;
}

/** Yields to the event loop. */
type Yield = () => Promise<void>;

/** Records per transaction: 2-3 ms. A transaction of 50,000 records would block the event loop for 440 ms. */
const batchSize = 200;

export function createRecordCache(parts: RecordCacheParts): RecordCache {
  const { records, publish, onSaved, onFailed, yieldNow } = parts;
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

  const dirtyKeys = (isCached: boolean) => [...dirty.keys()].filter((key) => cached.has(key) === isCached);

  /** Returns the record to write; nothing if it was removed, or if it is on disk in this version. */
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
      // The record was replaced or removed during the write, so it stays dirty.
      else dirty.set(targetKey, packed);
    }
  }

  async function deleteBatch(keys: readonly string[], now: EpochMs): Promise<void> {
    // A target that has returned meanwhile keeps its rows.
    const removed = keys.filter((key) => !cached.has(key));
    const onDisk = removed.flatMap((key) => dirty.get(key) ?? []);
    await parts.remove(onDisk.map(unpackRecord), now, yieldNow);
    for (const key of removed) {
      // If the target returned during the write, none of its rows is on disk now.
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
    // Keys that become dirty during the flush wait for the next one. A batch reads each record when the batch
    // starts.
    for (const keys of toBatches(dirtyKeys(true))) {
      if (attempts > 0) await yieldNow();
      const batch = keys.flatMap(toWrite);
      if (batch.length === 0) continue;
      await attempt(() => writeBatch(batch, now));
      // Publishes also if the write failed: a gap on every graph would be worse than repeated samples after a
      // crash, which the log reports. Skips records that were replaced during the write: their series can
      // have been removed or restarted.
      for (const { record, packed } of batch) {
        if (cached.get(packed.targetKey) === packed) publish(record);
      }
    }
    hasFailed = !allSaved;
    // Only if every batch was saved: with a full disk, one batch can fit and another not.
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

function toBatches(all: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(all.length / batchSize) }, (_, i) =>
    all.slice(i * batchSize, (i + 1) * batchSize),
  );
}
