import type { PublishedRecord, RecordChange } from '../model/saved-record.ts';
import type { EpochMs } from '../model/time.ts';
import { isSamePacked, type PackedRecord, totalsOf, unpackRecord } from './packed-records.ts';

export interface RecordFlushParts {
  /** Saves a batch of records atomically. Rejects if the write fails. Can iterate the changes several times. */
  readonly saveBatch: (changes: Iterable<RecordChange>, now: EpochMs) => Promise<void>;
  /**
   * Receives each dirty record after the attempt to save it, in the version that was written, even if the write failed.
   * If it throws, the next flush publishes the record again, in its version of then.
   */
  readonly publish: (record: PublishedRecord) => void;
  /** Called at most once for each flush in which `publish` threw, with the first error. */
  readonly onUnpublished: (error: unknown) => void;
  /**
   * Called after each flush that wrote something, if all its writes succeeded. `now` is the wall clock time
   * of the flush.
   */
  readonly onSaved: (now: EpochMs) => void;
  /** Called once for each flush in which a write failed, with the error of the first failed write. */
  readonly onFailed: (error: unknown) => void;
  /** Yields to the event loop. */
  readonly yieldNow: () => Promise<void>;
}

/** State that the flush shares with the record cache. */
interface SharedState {
  /** Current records by target key. */
  readonly cached: ReadonlyMap<string, PackedRecord>;
  /** Version on disk of each dirty record, by target key; undefined if there is none on disk. */
  readonly dirty: Map<string, PackedRecord | undefined>;
  /** Keys of dirty records that must be saved even if they do not differ from their version on disk. */
  readonly lost: Set<string>;
  /**
   * What series show that were created while writes failed, by target key of a dirty record. An entry stays until its
   * version or a newer one is on disk: until then, the version on disk would decrease the series.
   */
  readonly shownAhead: Map<string, ShownAhead>;
  readonly setFailed: (hasFailed: boolean) => void;
}

/** Version of a record that series show before it is saved. */
export interface ShownAhead {
  readonly shown: PackedRecord;
  /** Whether the last write that began contains this version or a newer one. */
  readonly isInWrite: boolean;
}

/** Dirty record to write, with its version on disk. Both stay packed, so that little memory is in use at a time. */
interface DirtyRecord {
  readonly packed: PackedRecord;
  readonly saved: PackedRecord | undefined;
}

/** Number of records per write. Each write waits for the disk once. */
const batchSize = 2_000;

/** Number of records that are compared or published between two yields, which takes about 1 ms. */
const recordsPerYield = 100;

/**
 * Creates the function that saves and publishes all dirty records. The function resolves with whether all of
 * them were saved.
 */
export function createRecordFlush(parts: RecordFlushParts & SharedState): (now: EpochMs) => Promise<boolean> {
  const { cached, dirty, lost, shownAhead, setFailed, publish, onUnpublished, onSaved, onFailed, yieldNow } =
    parts;
  /** Keys of the records whose last publish threw. */
  const unpublished = new Set<string>();

  /**
   * Returns a list with the record to write. The list is empty if its current version is already on disk.
   */
  function toWrite(targetKey: string): DirtyRecord[] {
    const packed = cached.get(targetKey);
    const before = dirty.get(targetKey);
    const ahead = shownAhead.get(targetKey);
    if (packed === undefined || (isSamePacked(packed, before) && !lost.has(targetKey))) {
      dirty.delete(targetKey);
      shownAhead.delete(targetKey);
      return [];
    }
    // The current record is at least as new as what its series show.
    if (ahead !== undefined) shownAhead.set(targetKey, { ...ahead, isInWrite: true });
    return [{ packed, saved: before }];
  }

  async function writeBatch(batch: readonly DirtyRecord[], now: EpochMs): Promise<void> {
    await parts.saveBatch(unpacked(batch), now);
    for (const { packed } of batch) {
      const { targetKey } = packed;
      lost.delete(targetKey);
      const isCurrent = cached.get(targetKey) === packed;
      if (isCurrent) dirty.delete(targetKey);
      // A record that was replaced during the write stays dirty.
      else dirty.set(targetKey, packed);
      if (isCurrent || shownAhead.get(targetKey)?.isInWrite) shownAhead.delete(targetKey);
    }
  }

  /**
   * Reports whether a record may be published after the attempt to save it. Also a record that was replaced meanwhile
   * may: if each write takes longer than the interval, no record is current when it is saved.
   */
  function canPublish(packed: PackedRecord): boolean {
    const { targetKey } = packed;
    const current = cached.get(targetKey);
    if (current === packed) return true;
    // The series of a removed target are gone. Series that show more already would decrease.
    const isShownAhead = shownAhead.get(targetKey)?.isInWrite === false;
    return current !== undefined && current.frozenAt === undefined && !isShownAhead;
  }

  return async (now) => {
    let attempts = 0;
    let allSaved = true;
    let allPublished = true;
    const publishOne = (packed: PackedRecord) => {
      unpublished.delete(packed.targetKey);
      try {
        publish(totalsOf(packed));
      } catch (error) {
        unpublished.add(packed.targetKey);
        if (allPublished) onUnpublished(error);
        allPublished = false;
      }
    };
    if (unpublished.size > 0) {
      // A dirty record is published below, after it is saved.
      await inRecordSlices([...unpublished], yieldNow, (targetKey) => {
        const packed = cached.get(targetKey);
        if (packed === undefined) unpublished.delete(targetKey);
        else if (!dirty.has(targetKey)) publishOne(packed);
      });
    }
    // Keys that become dirty during the flush are left to the next flush. Each record is read when its batch
    // starts.
    for (const keys of toBatches([...dirty.keys()])) {
      const batch: DirtyRecord[] = [];
      await inRecordSlices(keys, yieldNow, (key) => void batch.push(...toWrite(key)));
      if (batch.length === 0) continue;
      attempts++;
      try {
        await writeBatch(batch, now);
      } catch (error) {
        if (allSaved) onFailed(error);
        allSaved = false;
        setFailed(true);
      }
      // Publish even if the write failed: a gap in every graph would be worse than counting some samples
      // again after a crash, and the log reports this risk.
      await inRecordSlices(batch, yieldNow, ({ packed }) => {
        if (canPublish(packed)) publishOne(packed);
      });
    }
    setFailed(!allSaved);
    // Report success only if every batch was saved: if the disk is nearly full, some batches can fit and
    // others fail.
    if (attempts > 0 && allSaved) onSaved(now);
    return allSaved;
  };
}

/**
 * Returns the changes of a batch. Unpacks each record only when it is reached, because the garbage collector
 * frees short-lived objects cheaply.
 */
function unpacked(batch: readonly DirtyRecord[]): Iterable<RecordChange> {
  return {
    *[Symbol.iterator]() {
      for (const { packed, saved } of batch) {
        yield { record: unpackRecord(packed), saved: saved && unpackRecord(saved) };
      }
    },
  };
}

function toBatches(all: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(all.length / batchSize) }, (_, i) =>
    all.slice(i * batchSize, (i + 1) * batchSize),
  );
}

/** Calls `work` for each item, and yields between slices. An item is a record, or the key of a record. */
async function inRecordSlices<T>(
  items: readonly T[],
  yieldNow: RecordFlushParts['yieldNow'],
  work: (item: T) => void,
): Promise<void> {
  for (const [i, item] of items.entries()) {
    if (i > 0 && i % recordsPerYield === 0) await yieldNow();
    work(item);
  }
}
