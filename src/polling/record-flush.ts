import type { RecordChange, SavedRecord } from '../model/saved-record.ts';
import type { EpochMs } from '../model/time.ts';
import { isSamePacked, type PackedRecord, unpackRecord } from './packed-records.ts';

export interface RecordFlushParts {
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

/** Function that yields to the event loop. */
type Yield = () => Promise<void>;

/** State that the flush shares with the record cache. */
interface SharedState {
  /** Current records by target key. */
  readonly cached: ReadonlyMap<string, PackedRecord>;
  /**
   * Version on disk of each dirty record, by target key; undefined if no version is on disk. If the cache no
   * longer contains the record of a dirty key, the next flush deletes the record from disk.
   */
  readonly dirty: Map<string, PackedRecord | undefined>;
  readonly setFailed: (hasFailed: boolean) => void;
}

/** Dirty record of a batch, with the packed form that the cache holds. */
interface DirtyRecord extends RecordChange {
  readonly packed: PackedRecord;
}

/**
 * Number of records per transaction, which takes 2-3 ms. A transaction of 50,000 records would block the
 * event loop for 440 ms.
 */
const batchSize = 200;

/** Returns the function that saves and publishes all dirty records. It resolves to true if all of them were saved. */
export function createRecordFlush(parts: RecordFlushParts & SharedState): (now: EpochMs) => Promise<boolean> {
  const { cached, dirty, setFailed, publish, onSaved, onFailed, yieldNow } = parts;

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

  return async (now) => {
    let attempts = 0;
    let allSaved = true;
    const attempt = async (write: () => Promise<void>) => {
      attempts++;
      try {
        await write();
      } catch (error) {
        if (allSaved) onFailed(error);
        allSaved = false;
        setFailed(true);
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
    setFailed(!allSaved);
    // Report success only if every batch was saved: if the disk is full, one batch can fit and another batch
    // can fail.
    if (attempts > 0 && allSaved) onSaved(now);
    return allSaved;
  };
}

function toBatches(all: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(all.length / batchSize) }, (_, i) =>
    all.slice(i * batchSize, (i + 1) * batchSize),
  );
}
