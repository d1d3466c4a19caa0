import type { SavedRecord } from '../model/saved-record.ts';
import type { EpochMs } from '../model/time.ts';

/**
 * Holds the records; saves what changed, then shows it. A counter is shown only once it is saved: shown earlier, a
 * kill -9 would make it fall, and Prometheus takes a fall for a reset and adds the whole total again.
 */
export interface Keeper {
  /** What is held for the target; undefined before it was taken for the first time. */
  record(targetKey: string): SavedRecord | undefined;
  /** Takes a record as it is from now on; it is saved and shown with the next save. */
  take(record: SavedRecord): void;
  /** Leaves the others as they are, for the day when a config names them again; forgets what was left for too long. */
  keepOnly(watched: ReadonlySet<string>, now: EpochMs, retentionMs: number): void;
  /** Saves all that changed and shows it, a batch at a time; the loop turns in between. True when all of it is saved. */
  save(now: EpochMs): Promise<boolean>;
}

/** A record, and what of it is on the disk already. */
export interface RecordChange {
  readonly record: SavedRecord;
  /** undefined: nothing. */
  readonly saved: SavedRecord | undefined;
}

export interface KeeperParts {
  /** What was saved before the start. */
  readonly records: readonly SavedRecord[];
  /** Saves a batch, all or nothing. Throws when it can't be. */
  readonly saveBatch: (changes: readonly RecordChange[], now: EpochMs) => void;
  /** Deletes records for good. */
  readonly forget: (records: readonly SavedRecord[]) => void;
  /** Called with what is now durable. */
  readonly show: (record: SavedRecord) => void;
  /** Called for each save that brought something to the disk, or failed to. */
  readonly onSaved: (now: EpochMs) => void;
  readonly onFailed: (error: unknown) => void;
  /** Lets the event loop turn. */
  readonly turn: () => Promise<void>;
}

/** 2-3 ms of one transaction; 50,000 in one block the loop for 440 ms. */
const batchSize = 200;

export function createKeeper(parts: KeeperParts): Keeper {
  const { records, saveBatch, forget, show, onSaved, onFailed, turn } = parts;
  const held = new Map(records.map((record) => [record.targetKey, record]));
  const onDisk = new Map(held);
  const changed = new Set<string>();
  let saving: Promise<boolean> = Promise.resolve(true);

  const take = (record: SavedRecord) => {
    if (held.get(record.targetKey) === record) return;
    held.set(record.targetKey, record);
    changed.add(record.targetKey);
  };

  function toChange(targetKey: string): RecordChange[] {
    const record = held.get(targetKey);
    return record === undefined ? [] : [{ record, saved: onDisk.get(targetKey) }];
  }

  async function saveChanged(now: EpochMs): Promise<boolean> {
    // What changes meanwhile waits for the next save; a batch takes each record as it is when its turn comes.
    const keys = [...changed];
    let allSaved = true;
    for (let start = 0; start < keys.length; start += batchSize) {
      if (start > 0) await turn();
      const batch = keys.slice(start, start + batchSize).flatMap(toChange);
      try {
        saveBatch(batch, now);
        for (const { record } of batch) {
          onDisk.set(record.targetKey, record);
          changed.delete(record.targetKey);
        }
        onSaved(now);
      } catch (error) {
        allSaved = false;
        onFailed(error);
      }
      // Also when the disk refused: a gap on every graph would be worse than a repeat after a crash, which was said.
      for (const { record } of batch) show(record);
    }
    return allSaved;
  }

  return {
    record: (targetKey) => held.get(targetKey),
    take,
    keepOnly(watched, now, retentionMs) {
      const outdated: SavedRecord[] = [];
      for (const record of held.values()) {
        if (watched.has(record.targetKey)) continue;
        if (record.frozenAt === undefined) take({ ...record, frozenAt: now });
        else if (record.frozenAt < now - retentionMs) outdated.push(record);
      }
      if (outdated.length === 0) return;
      forget(outdated);
      for (const { targetKey } of outdated) {
        held.delete(targetKey);
        onDisk.delete(targetKey);
        changed.delete(targetKey);
      }
    },
    save(now) {
      // One after the other: two at once would show older counters after newer ones.
      saving = saving.then(() => saveChanged(now));
      return saving;
    },
  };
}
