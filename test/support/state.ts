import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { RecordChange, SavedRecord } from '../../src/model/saved-record.ts';
import type { Recreation } from '../../src/store/kept-files.ts';
import type { Damage } from '../../src/store/new-state-file.ts';
import { createRecordReader } from '../../src/store/record-rows.ts';
import { createStateClient } from '../../src/store/state-client.ts';
import { openStateStore, type StateStore } from '../../src/store/state-store.ts';
import type { LoadReply } from '../../src/store/storage.ts';
import { settle } from './manual-clock.ts';
import { noon } from './samples.ts';
import { portOf } from './storage.ts';

/**
 * Opens the state without a lock. Returns all its records, frozen or not, and the damage and the recreations that
 * it reports.
 */
export function openWithDamage(directory: string, now = noon, lock = { renew: () => false }) {
  const reports: Damage[] = [];
  const recreations: Recreation[] = [];
  const { store, scrapers, savedAt } = openStateStore(directory, now, {
    lock,
    onDamage: (damage) => reports.push(damage),
    onRecreated: (recreation) => recreations.push(recreation),
  });
  const records = recordsIn(directory, store, now);
  const client = createStateClient(
    portOf({ ...store, load: (keys, at) => loadAll(store, keys, at) }),
    settle,
  );
  let isKnown = false;
  return {
    store: {
      ...store,
      /** Saves changes like the exporter, which has loaded all records. */
      async save(changes: Iterable<RecordChange>, at: number): Promise<void> {
        if (!isKnown)
          await client.load(
            records.map(({ targetKey }) => targetKey),
            at,
          );
        isKnown = true;
        await client.save(changes, at);
      },
    },
    records,
    scrapers,
    savedAt,
    damage: reports[0],
    /** All reports about damage. */
    reports: reports as readonly Damage[],
    recreations: recreations as readonly Recreation[],
  };
}

/** Opens and closes the state. Returns its records and the damage that it reports, if any. */
export function readState(directory: string, now = noon) {
  const { store, records, damage } = openWithDamage(directory, now);
  store.close();
  return { records, damage };
}

/** Folds the whole journal into the state file. */
export function foldAll(store: StateStore, at = noon): void {
  const { next } = store.maintain({ at, expireBefore: undefined, isUrgent: true });
  const isUrgent = false;
  while (store.maintain({ at, expireBefore: undefined, isUrgent }).oldest < next);
}

function loadAll(store: StateStore, keys: readonly string[], at: number): LoadReply {
  const problems: string[] = [];
  return { rows: [...store.load(keys, problems, at)], isMore: false, problems };
}

function recordsIn(directory: string, store: StateStore, now: number): readonly SavedRecord[] {
  const database = new DatabaseSync(join(directory, 'state.db'), { readOnly: true });
  const found = database.prepare("SELECT key FROM ledgers WHERE key LIKE '%record %'").all();
  database.close();
  const targetKeys = found.flatMap(({ key }) => /^(?:frozen )?record (.*)$/s.exec(String(key))?.[1] ?? []);
  return targetKeys.toSorted().flatMap((targetKey) => {
    const reader = createRecordReader(targetKey);
    for (const [, key, body] of loadAll(store, [targetKey], now).rows) reader.add({ key, body });
    return reader.end()?.record ?? [];
  });
}

/** Returns a change that writes the whole record. */
export function change(record: SavedRecord) {
  return { record, saved: undefined };
}

/** Sorts records as SQLite sorts their keys. */
export function inOrder(records: readonly SavedRecord[]): readonly SavedRecord[] {
  return records.toSorted((a, b) => (a.targetKey < b.targetKey ? -1 : 1));
}
