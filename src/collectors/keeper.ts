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
  /**
   * Freezes the others as they are, for the day when a config names them again. What was left for too long is held no
   * more, and is gone from the disk with the next save.
   */
  keepOnly(watched: ReadonlySet<string>, now: EpochMs, retentionMs: number): void;
  /**
   * Saves all that changed and shows it, a batch at a time; the loop turns in between. True when all of it is saved;
   * what is not is tried again with the next save.
   */
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
  /** Saves a batch, all or nothing. Rejects when it can't be. */
  readonly saveBatch: (changes: readonly RecordChange[], now: EpochMs, turn: Turn) => Promise<void>;
  /** Deletes records for good, all or nothing. Rejects when they can't be. */
  readonly forget: (records: readonly SavedRecord[], now: EpochMs, turn: Turn) => Promise<void>;
  /** Called with what is now durable. */
  readonly show: (record: SavedRecord) => void;
  /** Called once for each save that brought all that there was to the disk. */
  readonly onSaved: (now: EpochMs) => void;
  /** Called once for each save that could not, whatever else it saved, with the first reason. */
  readonly onFailed: (error: unknown) => void;
  readonly turn: Turn;
}

/** Lets the event loop turn. */
type Turn = () => Promise<void>;

/** 2-3 ms of one transaction; 50,000 in one block the loop for 440 ms. */
const batchSize = 200;

export function createKeeper(parts: KeeperParts): Keeper {
  const { records, saveBatch, forget, show, onSaved, onFailed, turn } = parts;
  const held = new Map(records.map((record) => [record.targetKey, record]));
  const onDisk = new Map(held);
  const changed = new Set<string>();
  /** Held no more, and maybe still on the disk. */
  const outdated = new Set<string>();
  let saving: Promise<boolean> = Promise.resolve(true);

  const take = (record: SavedRecord) => {
    if (held.get(record.targetKey) === record) return;
    held.set(record.targetKey, record);
    changed.add(record.targetKey);
    // What of the old one is on the disk is replaced by the next save.
    outdated.delete(record.targetKey);
  };

  function toChange(targetKey: string): RecordChange[] {
    const record = held.get(targetKey);
    return record === undefined ? [] : [{ record, saved: onDisk.get(targetKey) }];
  }

  async function write(batch: readonly RecordChange[], now: EpochMs): Promise<void> {
    await saveBatch(batch, now, turn);
    for (const { record } of batch) {
      onDisk.set(record.targetKey, record);
      // Taken anew meanwhile, it has to be saved again.
      if (held.get(record.targetKey) === record) changed.delete(record.targetKey);
    }
  }

  /** Not frozen, thawed or left meanwhile: then its series ended, or began with what is newer. */
  function isAsItWas({ targetKey, frozenAt }: SavedRecord): boolean {
    const record = held.get(targetKey);
    return record !== undefined && record.frozenAt === frozenAt;
  }

  async function erase(keys: readonly string[], now: EpochMs): Promise<void> {
    const gone = keys.filter((key) => outdated.has(key));
    const records = gone.map((key) => onDisk.get(key)).filter((record) => record !== undefined);
    await forget(records, now, turn);
    for (const key of gone) {
      onDisk.delete(key);
      outdated.delete(key);
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
      }
    };
    for (const keys of toBatches(outdated)) {
      if (attempts > 0) await turn();
      await attempt(() => erase(keys, now));
    }
    // What changes meanwhile waits for the next save; a batch takes each record as it is when its turn comes.
    for (const keys of toBatches(changed)) {
      if (attempts > 0) await turn();
      const batch = keys.flatMap(toChange);
      await attempt(() => write(batch, now));
      // Also when the disk refused: a gap on every graph would be worse than a repeat after a crash, which was said.
      for (const { record } of batch) if (isAsItWas(record)) show(record);
    }
    // One batch may fit where another does not: the state as a whole is saved, or it is not.
    if (attempts > 0 && allSaved) onSaved(now);
    return allSaved;
  }

  return {
    record: (targetKey) => held.get(targetKey),
    take,
    keepOnly(watched, now, retentionMs) {
      for (const record of held.values()) {
        const { targetKey, frozenAt } = record;
        if (watched.has(targetKey)) continue;
        if (frozenAt === undefined) take({ ...record, frozenAt: now });
        else if (frozenAt < now - retentionMs) {
          held.delete(targetKey);
          changed.delete(targetKey);
          outdated.add(targetKey);
        }
      }
    },
    save(now) {
      // One after the other: two at once would show older counters after newer ones.
      saving = saving.then(() => saveChanged(now));
      return saving;
    },
  };
}

function toBatches(keys: ReadonlySet<string>): readonly (readonly string[])[] {
  const all = [...keys];
  return Array.from({ length: Math.ceil(all.length / batchSize) }, (_, i) =>
    all.slice(i * batchSize, (i + 1) * batchSize),
  );
}
