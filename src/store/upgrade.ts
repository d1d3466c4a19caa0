import type { DatabaseSync } from 'node:sqlite';
import type { SavedRecord } from '../model/saved-record.ts';
import type { EpochMs } from '../model/time.ts';
import { earlierPrefixes } from './earlier-rows.ts';
import { fileVersion } from './file-format.ts';
import { toSnapshotRows } from './record-rows.ts';
import { createTransaction } from './row-file.ts';
import { toScrapersRow } from './rows.ts';

/** Number of records per transaction. */
const recordsPerWrite = 500;

/**
 * Writes the records of a state file of an earlier version in the current form. The rows of the earlier version
 * are deleted at the end: if the upgrade is interrupted, the next start repeats it.
 */
export function upgradeRows(
  database: DatabaseSync,
  records: readonly SavedRecord[],
  scrapers: ReadonlyMap<string, EpochMs> | undefined,
  now: EpochMs,
): void {
  const write = createTransaction(database);
  for (let i = 0; i < records.length; i += recordsPerWrite) {
    const part = records.slice(i, i + recordsPerWrite);
    write(
      part.values().flatMap((record) => toSnapshotRows(record, now)),
      now,
    );
  }
  if (scrapers !== undefined) write([toScrapersRow(scrapers)], now);
  const remove = database.prepare('DELETE FROM ledgers WHERE key >= ? AND key < ?');
  try {
    database.exec('BEGIN IMMEDIATE');
    for (const prefix of earlierPrefixes) remove.run(prefix, `${prefix}\u{10ffff}`);
    database.exec(`PRAGMA user_version = ${fileVersion}; COMMIT`);
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK');
  }
}
