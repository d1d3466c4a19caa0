import type { RecordChange, SavedRecord } from '../model/saved-record.ts';
import type { EpochMs } from '../model/time.ts';
import { isSamePacked, type PackedRecord, unpackRecord } from './packed-records.ts';

export interface RecordFlushParts {
  /** Saves a batch of records atomically. Rejects if the write fails. */
  readonly saveBatch: (changes: readonly RecordChange[], now: EpochMs, yieldNow: Yield) => Promise<void>;
  /** Deletes records atomically. Rejects if the write fails. */
  readonly remove: (records: readonly SavedRecord[], now: EpochMs, yieldNow: Yield) => Promise<void>;
  /** Receives each dirty record after the attempt to save it, even if the write failed. */
  readonly publish: (record: SavedRecord) => void;
  /**
   * Called after each flush that wrote something, if all its writes succeeded. `now` is the wall clock time
   * of the flush.
   */
  readonly onSaved: (now: EpochMs) => void;
  /** Called once for each flush in which a write failed, with the error of the first failed write. */
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
   * Version on disk of each dirty record, by target key; undefined if there is none on disk. If a dirty key
   * has no cached record, the next flush deletes the record from disk.
   */
  readonly dirty: Map<string, PackedRecord | undefined>;
  readonly setFailed: (hasFailed: boolean) => void;
}

/** Dirty record to write, with its packed form in the cache. */
interface DirtyRecord extends RecordChange {
  readonly packed: PackedRecord;
}

/**
 * Number of records per transaction. Such a transaction takes 2 to 3 ms; a single transaction with 50,000
 * records would block the event loop for 440 ms.
 */
const batchSize = 200;

/**
 * Creates the function that saves and publishes all dirty records. The function resolves with whether all of
 * them were saved.
 */
export function createRecordFlush(parts: RecordFlushParts & SharedState): (now: EpochMs) => Promise<boolean> {
  const { cached, dirty, setFailed, publish, onSaved, onFailed, yieldNow } = parts;

  const dirtyKeys = (isCached: boolean) => [...dirty.keys()].filter((key) => cached.has(key) === isCached);

  /**
   * Returns a list with the record to write. The list is empty if the record was removed or if its current
   * version is already on disk.
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
    // Do not delete the rows of a target that has returned to the config since the flush started.
    const removed = keys.filter((key) => !cached.has(key));
    const onDisk = removed.flatMap((key) => dirty.get(key) ?? []);
    await parts.remove(onDisk.map(unpackRecord), now, yieldNow);
    for (const key of removed) {
      // The target has returned during the write. Its new record is cached, but the rows on disk were
      // deleted.
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
    // Keys that become dirty during the flush are left to the next flush. Each record is read when its batch
    // starts.
    for (const keys of toBatches(dirtyKeys(true))) {
      if (attempts > 0) await yieldNow();
      const batch = keys.flatMap(toWrite);
      if (batch.length === 0) continue;
      await attempt(() => writeBatch(batch, now));
      // Publish even if the write failed: a gap in every graph would be worse than counting some samples
      // again after a crash, and the log reports this risk. Do not publish a record that was replaced during
      // the write, because its series may have been removed or restarted.
      for (const { record, packed } of batch) {
        if (cached.get(packed.targetKey) === packed) publish(record);
      }
    }
    setFailed(!allSaved);
    // Report success only if every batch was saved: if the disk is nearly full, some batches can fit and
    // others fail.
    if (attempts > 0 && allSaved) onSaved(now);
    return allSaved;
  };
}

function toBatches(all: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(all.length / batchSize) }, (_, i) =>
    all.slice(i * batchSize, (i + 1) * batchSize),
  );
}
