import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../model/time.ts';
import type { ReadRow, RowChange } from './rows.ts';

/** Rows of an open state file. */
export type RowFile = ReturnType<typeof createRowFile>;

/** Creates the functions that read and write the rows of an open state file. */
export function createRowFile(database: DatabaseSync) {
  const columns = 'key, version, body, checksum';
  // Read numbers as bigints: a damaged number can exceed the safe integers, and SQLite's driver would then throw.
  const get = database.prepare(`SELECT ${columns} FROM ledgers WHERE key = ?`);
  get.setReadBigInts(true);
  const range = database.prepare(
    `SELECT ${columns} FROM ledgers WHERE key > ? AND key < ? ORDER BY key LIMIT ?`,
  );
  range.setReadBigInts(true);
  const expired = database.prepare(
    'SELECT key FROM ledgers WHERE key > ? AND key < ? AND saved_at < ? LIMIT ?',
  );
  const write = createTransaction(database);

  return {
    /** Returns the row with this key; undefined if there is none. */
    // The cast is safe: the query selects exactly the columns of a ReadRow.
    row: (key: string) => get.get(key) as unknown as ReadRow | undefined,
    /** Returns the first `limit` rows whose keys start with `prefix` and come after `after`. */
    rows(prefix: string, limit: number, after = prefix): readonly ReadRow[] {
      return range.all(after, endOf(prefix), limit) as unknown as ReadRow[];
    },
    /** Returns at most `limit` keys that start with `prefix` and whose rows were written before `savedBefore`. */
    keysSavedBefore(prefix: string, savedBefore: EpochMs, limit: number): readonly string[] {
      return expired.all(prefix, endOf(prefix), savedBefore, limit).map(({ key }) => String(key));
    },
    /** Writes all changes in one transaction. Throws if that fails; then no row is changed. */
    write,
  };
}

/** Returns a text that comes after all texts that start with `prefix`, and before all others that come later. */
function endOf(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}

/** Creates the function that writes row changes in one transaction. `now` is the time of the save. */
export function createTransaction(
  database: DatabaseSync,
): (changes: Iterable<RowChange>, now: EpochMs) => void {
  // Use an upsert. INSERT OR REPLACE is slower, because it deletes the row before it inserts the new one.
  const upsert = database.prepare(
    'INSERT INTO ledgers (key, version, body, checksum, saved_at) VALUES (?, ?, ?, ?, ?) ' +
      'ON CONFLICT (key) DO UPDATE SET version = excluded.version, body = excluded.body, ' +
      'checksum = excluded.checksum, saved_at = excluded.saved_at',
  );
  const remove = database.prepare('DELETE FROM ledgers WHERE key = ?');
  return (changes, now) => {
    try {
      database.exec('BEGIN IMMEDIATE');
      for (const { key, row } of changes) {
        if (row === undefined) remove.run(key);
        else upsert.run(key, row.version, row.body, row.checksum, row.savedAt ?? now);
      }
      database.exec('COMMIT');
    } finally {
      // Roll back only an open transaction: if the disk is full, SQLite may already have rolled it back.
      if (database.isTransaction) database.exec('ROLLBACK');
    }
  };
}
