import type { SavedRecord } from '../../src/model/saved-record.ts';
import type { Damage } from '../../src/store/new-state-file.ts';
import { type OpenedStore, openStateStore, type Recreation } from '../../src/store/state-store.ts';
import { noon } from './samples.ts';

/** Opens the state without a lock. Returns it with the damage and the recreations that it reports. */
export function openWithDamage(
  directory: string,
  now = noon,
  lock = { renew: () => false },
): OpenedStore & { readonly damage: Damage | undefined; readonly recreations: readonly Recreation[] } {
  const reports: Damage[] = [];
  const recreations: Recreation[] = [];
  const opened = openStateStore(directory, now, {
    lock,
    onDamage: (damage) => reports.push(damage),
    onRecreated: (recreation) => recreations.push(recreation),
  });
  return { ...opened, damage: reports[0], recreations };
}

/** Opens and closes the state. Returns its records and the damage that it reports, if any. */
export function readState(directory: string, now = noon) {
  const { store, records, damage } = openWithDamage(directory, now);
  store.close();
  return { records, damage };
}

/** Returns a change that writes all rows of a record. */
export function change(record: SavedRecord) {
  return { record, saved: undefined };
}

/** Sorts records as SQLite sorts their keys. */
export function inOrder(records: readonly SavedRecord[]): readonly SavedRecord[] {
  return records.toSorted((a, b) => (a.targetKey < b.targetKey ? -1 : 1));
}
