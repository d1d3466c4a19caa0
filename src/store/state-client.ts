import type { RecordChange, SavedRecord } from '../model/saved-record.ts';
import type { EpochMs } from '../model/time.ts';
import type { JournalEntry } from './journal-lines.ts';
import type { MaintenanceRequest, MaintenanceState } from './maintenance.ts';
import { diffRecord } from './record-change.ts';
import { createRecordReader, type RecordRow, type VersionedRecord } from './record-rows.ts';
import type { LoadReply, StoragePort } from './storage.ts';

/** Yields to the event loop. Resolves after one iteration. */
type YieldNow = () => Promise<void>;

/** State that is open in another thread, as the event loop uses it. */
export type StateClient = ReturnType<typeof createStateClient>;

/** Records that were read, and damage that was found. */
export interface LoadedRecords {
  readonly records: readonly SavedRecord[];
  /** One sentence per damaged record or stream. The totals of these start at 0. */
  readonly problems: readonly string[];
}

/** Work between two yields: number of records to encode, and length in characters of the rows to decode. */
const recordsPerYield = 50;
const lengthPerYield = 32 * 1024;

/** Number of records that are requested at once. */
const keysPerLoad = 500;

/**
 * Creates the part of the state that runs in the event loop: it converts records to and from what the thread
 * stores. It never waits for the disk except in promises.
 */
export function createStateClient(port: StoragePort, yieldNow: YieldNow) {
  /** Number of the last saved change of each record in memory, by target key. */
  const versions = new Map<string, number>();
  /** Records whose next change must be the whole record, because the saved one is lost. */
  const lost = new Set<string>();

  function toEntry({ record, saved }: RecordChange): JournalEntry {
    const { targetKey } = record;
    const version = versions.get(targetKey);
    const isWhole = version === undefined || saved === undefined || lost.has(targetKey);
    const change = JSON.stringify(diffRecord(isWhole ? undefined : saved, record));
    return { targetKey, version: (version ?? 0) + 1, isWhole, change };
  }

  async function toEntries(changes: Iterable<RecordChange>): Promise<readonly JournalEntry[]> {
    const entries: JournalEntry[] = [];
    for (const change of changes) {
      if (entries.length > 0 && entries.length % recordsPerYield === 0) await yieldNow();
      entries.push(toEntry(change));
    }
    return entries;
  }

  return {
    /**
     * Saves changes of records, all of them or none. Resolves when they are durable on disk. Rejects if the write
     * fails. `at` is the time of the save (wall clock, epoch ms). Do not call it again before it has settled.
     */
    async save(changes: Iterable<RecordChange>, at: EpochMs): Promise<void> {
      let entries = await toEntries(changes);
      if (!(await port.call('append', entries, at))) {
        for (const targetKey of versions.keys()) lost.add(targetKey);
        entries = await toEntries(changes);
        await port.call('append', entries, at);
      }
      for (const { targetKey, version } of entries) {
        versions.set(targetKey, version);
        lost.delete(targetKey);
      }
    },
    /**
     * Reads records. Records that do not exist are not in the result. Rejects if the disk cannot be read. Do
     * not call it again before it has settled.
     */
    async load(targetKeys: readonly string[], at: EpochMs): Promise<LoadedRecords> {
      const records: SavedRecord[] = [];
      const problems: string[] = [];
      for (let i = 0; i < targetKeys.length; i += keysPerLoad) {
        const keys = targetKeys.slice(i, i + keysPerLoad);
        const decode = createDecoder(yieldNow, {
          onRecord({ version, record }) {
            versions.set(record.targetKey, version);
            records.push(record);
          },
          onProblem: (problem) => problems.push(problem),
        });
        let reply: LoadReply = await port.call('load', keys, at);
        for (; ; reply = await port.call('loadMore')) {
          problems.push(...reply.problems);
          await decode(reply);
          if (!reply.isMore) break;
        }
      }
      return { records, problems };
    },
    /**
     * Freezes records: they stay on disk for the retention, but are not read at the next start. Resolves with the keys
     * of records that were not frozen because they are damaged.
     */
    async freeze(targetKeys: readonly string[], at: EpochMs): Promise<readonly string[]> {
      const damaged = await port.call('freeze', targetKeys, at);
      for (const targetKey of damaged) if (versions.has(targetKey)) lost.add(targetKey);
      return damaged;
    },
    /** Forgets records that are not in memory any more. */
    forget(targetKeys: readonly string[]): void {
      for (const targetKey of targetKeys) {
        versions.delete(targetKey);
        lost.delete(targetKey);
      }
    },
    liveKeys: (after: string, limit: number): Promise<readonly string[]> =>
      port.call('liveKeys', after, limit),
    /** Does a part of the background work of the state. */
    async maintain(request: MaintenanceRequest): Promise<MaintenanceState> {
      const state = await port.call('maintain', request);
      for (const targetKey of state.lost) lost.add(targetKey);
      return state;
    },
    saveScrapers: (known: ReadonlyMap<string, EpochMs>, at: EpochMs): Promise<void> =>
      port.call('saveScrapers', known, at),
    async close(): Promise<void> {
      try {
        await port.call('close');
      } finally {
        await port.end();
      }
    },
  };
}

interface DecoderEvents {
  readonly onRecord: (loaded: VersionedRecord) => void;
  /** Receives a sentence about a record that cannot be decoded. */
  readonly onProblem: (problem: string) => void;
}

interface DecodedRecord {
  readonly key: string;
  readonly reader: ReturnType<typeof createRecordReader>;
  /** Whether a row cannot be decoded. */
  isUnusable: boolean;
}

/**
 * Creates a function that decodes the rows of a reply. The rows of a record can be in several replies, so a record
 * is complete when the rows of the next one begin.
 */
function createDecoder(yieldNow: YieldNow, { onRecord, onProblem }: DecoderEvents) {
  let length = 0;
  let current: DecodedRecord | undefined;

  function add(targetKey: string, row: RecordRow): void {
    if (current?.key !== targetKey) {
      finish();
      current = { key: targetKey, reader: createRecordReader(targetKey), isUnusable: false };
    }
    if (current.isUnusable) return;
    try {
      current.reader.add(row);
    } catch {
      // The checksum fits, so the row is as it was written, but not by this program. The next save of the record
      // replaces it.
      current.isUnusable = true;
      onProblem(`${row.key}: the content of the row is not that of a record`);
    }
  }

  function finish(): void {
    const loaded = current?.isUnusable ? undefined : current?.reader.end();
    if (loaded !== undefined) onRecord(loaded);
    current = undefined;
  }

  return async ({ rows, isMore }: LoadReply): Promise<void> => {
    for (const [targetKey, key, body] of rows) {
      add(targetKey, { key, body });
      length += body.length;
      if (length < lengthPerYield) continue;
      length = 0;
      await yieldNow();
    }
    if (!isMore) finish();
  };
}
