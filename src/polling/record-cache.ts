import type { SavedControl, SavedRecord } from '../model/saved-record.ts';
import type { PollProgress } from '../model/target-ledger.ts';
import type { EpochMs } from '../model/time.ts';
import { isSamePacked, type PackedRecord, packRecord, progressOf, unpackRecord } from './packed-records.ts';

/**
 * Holds the records; saves what changed, then shows it. A counter is shown only once it is saved: shown earlier, a
 * kill -9 would make it fall, and Prometheus takes a fall for a reset and adds the whole total again.
 */
export interface RecordCache {
  /** What is held for the target; undefined before it was taken for the first time. */
  record(targetKey: string): SavedRecord | undefined;
  /** The same of that record's ledger, how far the target was asked: for a tenth of the time. */
  progress(targetKey: string): PollProgress | undefined;
  /**
   * Of a record that is held: what may be shown of it before the next save, which is what is on the disk; undefined
   * where nothing of it is. While the disk refuses, all that is held is shown.
   */
  durable(record: SavedRecord): SavedRecord | undefined;
  /** Takes a record as it is from now on; it is saved and shown with the next save. */
  put(record: SavedRecord): void;
  /**
   * Freezes the others as they are, for the day when a config names them again. What was left for too long is held no
   * more, and is gone from the disk with the next save.
   */
  retainOnly(watched: ReadonlySet<string>, now: EpochMs, retentionMs: number): void;
  /**
   * Saves all that changed and shows it, a batch at a time; the loop turns in between. True when all of it is saved;
   * what is not is tried again with the next save.
   */
  flush(now: EpochMs): Promise<boolean>;
}

/** A record, and what of it is on the disk already. */
export interface RecordChange {
  readonly record: SavedRecord;
  /** Of a domain, which has a row for each of its streams; undefined: nothing, or all of it is to be written. */
  readonly saved: SavedControl | undefined;
}

export interface RecordCacheParts {
  /** What was saved before the start. */
  readonly records: readonly SavedRecord[];
  /** Saves a batch, all or nothing. Rejects when it can't be. */
  readonly saveBatch: (changes: readonly RecordChange[], now: EpochMs, turn: Turn) => Promise<void>;
  /** Deletes records for good, all or nothing. Rejects when they can't be. */
  readonly remove: (records: readonly SavedRecord[], now: EpochMs, turn: Turn) => Promise<void>;
  /** Called with what is now durable. */
  readonly publish: (record: SavedRecord) => void;
  /** Called once for each save that brought all that there was to the disk. */
  readonly onSaved: (now: EpochMs) => void;
  /** Called once for each save that could not, whatever else it saved, with the first reason. */
  readonly onFailed: (error: unknown) => void;
  readonly yieldNow: Turn;
}

interface Written extends RecordChange {
  readonly rest: PackedRecord;
}

/** Lets the event loop turn. */
type Turn = () => Promise<void>;

/** 2-3 ms of one transaction; 50,000 in one block the loop for 440 ms. */
const batchSize = 200;

export function createRecordCache(parts: RecordCacheParts): RecordCache {
  const { records, saveBatch, remove, publish, onSaved, onFailed, yieldNow } = parts;
  const held = new Map(records.map((record) => [record.targetKey, packRecord(record)]));
  /** Those whose newest is not on the disk, with what is there of them. */
  const unsaved = new Map<string, PackedRecord | undefined>();
  /** The same of those that are held no more. */
  const outdated = new Map<string, PackedRecord | undefined>();
  /** The disk refused, and has not taken all of it since: some of what is shown is not there. */
  let isRefused = false;
  let saving: Promise<boolean> = Promise.resolve(true);

  const recordOf = (targetKey: string): SavedRecord | undefined => {
    const record = held.get(targetKey);
    return record && unpackRecord(record);
  };

  const take = (rest: PackedRecord) => {
    const { targetKey } = rest;
    if (isSamePacked(rest, held.get(targetKey))) return;
    if (!unsaved.has(targetKey)) unsaved.set(targetKey, onDisk(targetKey));
    held.set(targetKey, rest);
    // What of the old one is on the disk is replaced by the next save.
    outdated.delete(targetKey);
  };

  /** Of one that is not in `unsaved`. */
  function onDisk(targetKey: string): PackedRecord | undefined {
    return outdated.has(targetKey) ? outdated.get(targetKey) : held.get(targetKey);
  }

  /** What is to be written; nothing of a record that is on the disk as it is. */
  function toWrite(targetKey: string): Written[] {
    const rest = held.get(targetKey);
    const before = unsaved.get(targetKey);
    if (rest === undefined) return [];
    if (isSamePacked(rest, before)) {
      unsaved.delete(targetKey);
      return [];
    }
    const saved = before?.question === 'control_history' ? before : undefined;
    return [{ record: unpackRecord(rest), rest, saved }];
  }

  async function write(batch: readonly Written[], now: EpochMs): Promise<void> {
    await saveBatch(batch, now, yieldNow);
    for (const { rest } of batch) {
      const { targetKey } = rest;
      if (held.get(targetKey) === rest) unsaved.delete(targetKey);
      else if (outdated.has(targetKey)) outdated.set(targetKey, rest);
      // Taken anew meanwhile, it has to be saved again.
      else unsaved.set(targetKey, rest);
    }
  }

  async function erase(keys: readonly string[], now: EpochMs): Promise<void> {
    const leaving = keys.filter((key) => outdated.has(key));
    const gone = leaving.flatMap((key) => outdated.get(key) ?? []);
    await remove(gone.map(unpackRecord), now, yieldNow);
    for (const key of leaving) {
      outdated.delete(key);
      // Taken anew meanwhile: now nothing of it is on the disk.
      if (unsaved.has(key)) unsaved.set(key, undefined);
    }
  }

  async function saveChanged(now: EpochMs): Promise<boolean> {
    let attempts = 0;
    let allSaved = true;
    const attempt = async (bring: () => Promise<void>) => {
      attempts++;
      try {
        await bring();
      } catch (error) {
        if (allSaved) onFailed(error);
        allSaved = false;
        isRefused = true;
      }
    };
    for (const keys of toBatches([...outdated.keys()])) {
      if (attempts > 0) await yieldNow();
      await attempt(() => erase(keys, now));
    }
    // What changes meanwhile waits for the next save; a batch takes each record as it is when its turn comes.
    for (const keys of toBatches([...unsaved.keys()])) {
      if (attempts > 0) await yieldNow();
      const batch = keys.flatMap(toWrite);
      if (batch.length === 0) continue;
      await attempt(() => write(batch, now));
      // Also when the disk refused: a gap on every graph would be worse than a repeat after a crash, which was said.
      // What was taken anew meanwhile is shown by the next: its series may have ended, or begun with what is newer.
      for (const { record, rest } of batch) if (held.get(rest.targetKey) === rest) publish(record);
    }
    isRefused = !allSaved;
    // One batch may fit where another does not: the state as a whole is saved, or it is not.
    if (attempts > 0 && allSaved) onSaved(now);
    return allSaved;
  }

  return {
    record: recordOf,
    progress(targetKey) {
      const record = held.get(targetKey);
      return record && progressOf(record);
    },
    // At once: what lives for a moment is cheap to collect, and what lives until the next save is not.
    put: (record) => take(packRecord(record)),
    durable(record) {
      const { targetKey } = record;
      if (isRefused || !unsaved.has(targetKey)) return record;
      const saved = unsaved.get(targetKey);
      return saved && unpackRecord(saved);
    },
    retainOnly(watched, now, retentionMs) {
      for (const [targetKey, record] of held) {
        if (watched.has(targetKey)) continue;
        if (record.frozenAt === undefined) take({ ...record, frozenAt: now });
        else if (record.frozenAt < now - retentionMs) {
          outdated.set(targetKey, unsaved.has(targetKey) ? unsaved.get(targetKey) : record);
          unsaved.delete(targetKey);
          held.delete(targetKey);
        }
      }
    },
    flush(now) {
      // One after the other: two at once would show older counters after newer ones.
      const next = () => saveChanged(now);
      // What went wrong in one, which only a fault of ours can, is its caller's; the next one saves all the same.
      saving = saving.then(next, next);
      return saving;
    },
  };
}

function toBatches(all: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(all.length / batchSize) }, (_, i) =>
    all.slice(i * batchSize, (i + 1) * batchSize),
  );
}
