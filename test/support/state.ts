import type { SavedRecord } from '../../src/model/saved-record.ts';
import type { Damage } from '../../src/store/state-file.ts';
import { type OpenedStore, openStateStore } from '../../src/store/state-store.ts';
import { noon } from './samples.ts';

/** Opens the state and returns it with the damage that it reports, if any. */
export function openWithDamage(
  directory: string,
  now = noon,
): OpenedStore & { readonly damage: Damage | undefined } {
  const reports: Damage[] = [];
  const opened = openStateStore(directory, now, (damage) => reports.push(damage));
  return { ...opened, damage: reports[0] };
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
