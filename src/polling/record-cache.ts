import type { SavedRecord } from '../model/saved-record.ts';
import type { PollProgress } from '../model/target-ledger.ts';
import { createTaskQueue } from '../model/task-queue.ts';
import type { EpochMs } from '../model/time.ts';
import { createFrozenRecords, type FrozenRecordParts } from './frozen-records.ts';
import { isSamePacked, type PackedRecord, packRecord, progressOf, unpackRecord } from './packed-records.ts';
import { createRecordFlush, type RecordFlushParts, type ShownAhead } from './record-flush.ts';

/**
 * Write-behind cache of the records (polling progress and totals) of all targets. It flushes dirty (changed)
 * records to disk, then publishes their counters to the metrics. Counters must be durable before they are
 * visible: after kill -9, a counter that was published but not saved would decrease. Prometheus would treat
 * this as a counter reset and add the whole total again.
 */
export interface RecordCache {
  /**
   * Reads the records of these targets from disk, except those that are in the cache. Must be called before the
   * targets start. Rejects if the disk cannot be read; records that were read before stay in the cache.
   */
  load(targetKeys: readonly string[], now: EpochMs): Promise<void>;
  /** Returns the current record of a target; undefined if the cache has none. */
  record(targetKey: string): SavedRecord | undefined;
  /**
   * Returns the polling progress of a target; undefined if the cache has no record of the target. Takes a
   * tenth of the time of `record`, because the record is not unpacked.
   */
  progress(targetKey: string): PollProgress | undefined;
  /**
   * Returns the version of a cached record whose counters may be published before the next flush. This is the
   * version on disk, or undefined if there is none. While writes fail, it is `record` itself; then it stays that
   * version until this or a newer one is saved.
   */
  durable(record: SavedRecord): SavedRecord | undefined;
  /**
   * Replaces the cached record of the same target. If the new record differs from the old one, it becomes
   * dirty, and the next flush saves and publishes it.
   */
  put(record: SavedRecord): void;
  /** Freezes the record of a target that was removed. No-op if the cache has none. */
  freeze(targetKey: string, now: EpochMs): void;
  /** Returns the keys of the records that are not frozen and whose keys start with `prefix`. */
  activeKeys(prefix: string): Promise<readonly string[]>;
  /**
   * Freezes the records whose targets are not in `watched`, that is, keeps them on disk for `retentionMs` in case
   * their targets return to the config. `maintain` removes them from memory.
   */
  retainOnly(watched: ReadonlySet<string>, now: EpochMs, retentionMs: number): void;
  /**
   * Saves and publishes all dirty records in batches, and yields to the event loop between batches. Resolves
   * with whether all of them were saved. The next flush tries again to save the others.
   */
  flush(now: EpochMs): Promise<boolean>;
  /**
   * Does a part of the background work: removes frozen records from memory, deletes those on disk whose retention
   * has passed, and lets the store compact what was saved. Rejects if that fails. Call it every second.
   */
  maintain(now: EpochMs): Promise<void>;
}

export interface RecordCacheParts extends RecordFlushParts, FrozenRecordParts {
  /**
   * Reads records from disk. Rejects if the disk cannot be read. Is not called again before it has settled.
   */
  readonly load: (targetKeys: readonly string[], now: EpochMs) => Promise<readonly SavedRecord[]>;
}

/** Number of keys that are read from disk at once. */
const keysPerRead = 500;

/**
 * Number of records that are loaded and packed between two yields. Few, because unpacked records that wait to be packed
 * survive into V8's old generation, and marking it blocks the event loop.
 */
const recordsPerLoad = 50;

export function createRecordCache(parts: RecordCacheParts): RecordCache {
  const cached = new Map<string, PackedRecord>();
  /** Version on disk of each dirty record, by target key; undefined if there is none on disk. */
  const dirty = new Map<string, PackedRecord | undefined>();
  /** Keys of dirty records whose version on disk is damaged. The store saves them as a whole. */
  const lost = new Set<string>();
  /** What series show that were created while writes failed, by target key of a dirty record. */
  const shownAhead = new Map<string, ShownAhead>();
  /**
   * Whether a write has failed and some dirty records are still not saved. Some published counters are then
   * not on disk.
   */
  let hasFailed = false;
  let flushing: Promise<boolean> = Promise.resolve(true);
  const loading = new Set<string>();
  /**
   * Runs one load at a time. A second load of the same record, such as by a reload and by discovery, would
   * replace a record that has changed meanwhile.
   */
  const oneByOne = createTaskQueue();
  const isDirty = (targetKey: string) => dirty.has(targetKey);
  const frozen = createFrozenRecords({ ...parts, cached, loading, isDirty, saveAgain });

  /**
   * Replaces the packed record of the same target. If the new record differs from the old one, marks it as
   * dirty, and remembers its version on disk.
   */
  const putPacked = (packed: PackedRecord) => {
    const { targetKey } = packed;
    const before = cached.get(targetKey);
    if (isSamePacked(packed, before)) return;
    if (!dirty.has(targetKey)) dirty.set(targetKey, before);
    cached.set(targetKey, packed);
    frozen.changed(targetKey);
  };

  /** Marks a record as dirty although it has not changed. No-op if the cache has none. */
  function saveAgain(targetKey: string): void {
    const packed = cached.get(targetKey);
    if (packed === undefined) return;
    lost.add(targetKey);
    if (!dirty.has(targetKey)) dirty.set(targetKey, packed);
    frozen.changed(targetKey);
  }

  /** Reads the records that are not in the cache. */
  async function readMissing(targetKeys: readonly string[], now: EpochMs): Promise<void> {
    const missing = targetKeys.filter((targetKey) => !cached.has(targetKey));
    if (missing.length === 0) return;
    for (const targetKey of missing) loading.add(targetKey);
    try {
      for (let i = 0; i < missing.length; i += recordsPerLoad) {
        if (i > 0) await parts.yieldNow();
        for (const record of await parts.load(missing.slice(i, i + recordsPerLoad), now)) {
          cached.set(record.targetKey, packRecord(record));
        }
      }
    } finally {
      for (const targetKey of missing) loading.delete(targetKey);
    }
  }

  const flushDirty = createRecordFlush({
    cached,
    dirty,
    lost,
    shownAhead,
    ...parts,
    setFailed: (failed) => {
      hasFailed = failed;
    },
  });

  return {
    load(targetKeys, now) {
      frozen.keep(targetKeys);
      return oneByOne(() => readMissing(targetKeys, now));
    },
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
      if (!dirty.has(targetKey)) return record;
      if (hasFailed) {
        shownAhead.set(targetKey, { shown: packRecord(record), isInWrite: false });
        return record;
      }
      // A target can be removed and added again before what its series have shown is saved.
      const visible = shownAhead.get(targetKey)?.shown ?? dirty.get(targetKey);
      return visible && unpackRecord(visible);
    },
    freeze(targetKey, now) {
      const packed = cached.get(targetKey);
      if (packed !== undefined && packed.frozenAt === undefined) putPacked({ ...packed, frozenAt: now });
      if (packed !== undefined) frozen.add(targetKey, now);
    },
    async activeKeys(prefix) {
      const keys = new Set<string>();
      for (let after = prefix; ; ) {
        const page = await parts.liveKeys(after, keysPerRead);
        const own = page.filter((targetKey) => targetKey.startsWith(prefix));
        for (const targetKey of own) if (!cached.has(targetKey)) keys.add(targetKey);
        const last = own.at(-1);
        if (last === undefined || own.length < keysPerRead) break;
        after = last;
      }
      // A cached record can be newer than the one on disk.
      for (const [targetKey, { frozenAt }] of cached) {
        if (frozenAt === undefined && targetKey.startsWith(prefix)) keys.add(targetKey);
      }
      return [...keys];
    },
    retainOnly(watched, now, retentionMs) {
      for (const [targetKey, packed] of cached) {
        if (watched.has(targetKey)) continue;
        if (packed.frozenAt === undefined) putPacked({ ...packed, frozenAt: now });
        frozen.add(targetKey, now);
      }
      frozen.setRetention(retentionMs);
    },
    flush(now) {
      // Run only one flush at a time: if two ran concurrently, the one that ends last could publish counters
      // that are older than those of the other.
      const next = () => flushDirty(now);
      // If one flush rejects, which is a bug, the next one still runs.
      flushing = flushing.then(next, next);
      return flushing;
    },
    maintain: frozen.maintain,
  };
}
