import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../model/time.ts';
import type { RowChange } from './rows.ts';

/** Number of rows that are written between two yields: 1-2 ms. */
const rowsPerYield = 200;

/**
 * Returns a generator function that writes rows in one transaction and yields between slices of `rowsPerYield` rows. The
 * transaction stays open meanwhile: after a crash between two transactions, a watermark could lack its totals.
 */
export function createTransaction(
  database: DatabaseSync,
): (changes: Iterable<RowChange>, now: EpochMs) => Generator<undefined, void> {
  // Not INSERT OR REPLACE: it deletes and inserts the row, which is slower.
  const upsert = database.prepare(
    'INSERT INTO ledgers (key, version, body, checksum, saved_at) VALUES (?, ?, ?, ?, ?) ' +
      'ON CONFLICT (key) DO UPDATE SET version = excluded.version, body = excluded.body, ' +
      'checksum = excluded.checksum, saved_at = excluded.saved_at',
  );
  const remove = database.prepare('DELETE FROM ledgers WHERE key = ?');
  return function* transaction(changes, now) {
    try {
      database.exec('BEGIN IMMEDIATE');
      let written = 0;
      for (const { key, row } of changes) {
        if (written > 0 && written % rowsPerYield === 0) yield;
        written++;
        if (row === undefined) remove.run(key);
        else upsert.run(key, row.version, row.body, row.checksum, now);
      }
      database.exec('COMMIT');
    } finally {
      // If the disk is full, SQLite can have rolled back already.
      if (database.isTransaction) database.exec('ROLLBACK');
    }
  };
}
