import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../model/time.ts';
import type { RowChange } from './rows.ts';

/**
 * Number of rows that a transaction writes between two yields to the event loop. Writing these rows takes 1
 * to 2 ms.
 */
const rowsPerYield = 200;

/**
 * Returns a generator function that writes row changes in one transaction. It yields after each
 * `rowsPerYield` rows and keeps the transaction open. If there were several transactions, a crash between two
 * of them could save a watermark (end of the polled time) without the totals up to this watermark.
 */
export function createTransaction(
  database: DatabaseSync,
): (changes: Iterable<RowChange>, now: EpochMs) => Generator<undefined, void> {
  // Use an upsert. INSERT OR REPLACE is slower, because it deletes the row before it inserts the new one.
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
      // Roll back only an open transaction: if the disk is full, SQLite may already have rolled it back.
      if (database.isTransaction) database.exec('ROLLBACK');
    }
  };
}
