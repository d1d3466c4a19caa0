import type { DatabaseSync } from 'node:sqlite';
import { fromRows, type ReadRow, type ReadRows, writtenKey } from './rows.ts';
import { DamageError, isTransient, reasonOf } from './sqlite-errors.ts';

/**
 * Throws a DamageError when anything in the file is not as it should be. Reading all rows does not show it: that looks
 * neither at the free room in their pages nor at free pages, and each save that comes there fails.
 */
export function checkDatabase(database: DatabaseSync): void {
  // Not quick_check, which does not look at the order of the rows, and is no faster where a table has no index.
  const said = String(database.prepare('PRAGMA integrity_check(1)').get()?.integrity_check);
  if (said !== 'ok') throw new DamageError(said.replace(/^\*.*\*\n/, ''));
}

/** A row as it is read, and when it was saved. */
export type DatedRow = ReadRow & { readonly savedAt: unknown };

/** Every row of the table. */
export function* readRows(database: DatabaseSync, order: 'ASC' | 'DESC' = 'ASC'): Iterable<DatedRow> {
  const select = database.prepare(
    `SELECT key, version, body, checksum, saved_at AS savedAt FROM ledgers ORDER BY key ${order}`,
  );
  // A damaged number may be too large for any other, and would end the reading.
  select.setReadBigInts(true);
  // The columns are those of the query.
  yield* select.iterate() as unknown as Iterable<DatedRow>;
}

export interface RecoveredRows extends ReadRows {
  /** Why some rows could not be read, nobody knows how many; undefined: all were. */
  readonly unread: string | undefined;
}

/** What can be read of a damaged table. Throws when it can't be read just now. */
export function recoverRows(database: DatabaseSync): RecoveredRows {
  let unread: string | undefined;
  let last: string | undefined;

  /** From one end up to the damage. */
  function* upToDamage(order: 'ASC' | 'DESC'): Iterable<ReadRow> {
    const direction = order === 'ASC' ? 1 : -1;
    let before: string | undefined;
    try {
      for (const row of readRows(database, order)) {
        const key = writtenKey(row);
        // A damaged row, which is dropped, says nothing of the order.
        if (key !== undefined) {
          // Where a page stands in the place of another, it is not known what else does.
          if (before !== undefined && compareKeys(key, before) * direction <= 0) {
            throw new DamageError('the rows are not in their order');
          }
          if (order === 'DESC' && last !== undefined && compareKeys(key, last) <= 0) return;
          before = key;
          if (order === 'ASC') last = key;
        }
        yield row;
      }
    } catch (error) {
      if (isTransient(error)) throw error;
      unread = reasonOf(error);
    }
  }

  function* readable(): Iterable<ReadRow> {
    yield* upToDamage('ASC');
    if (unread !== undefined) yield* upToDamage('DESC');
  }

  const { records, problems } = fromRows(readable());
  return { records, problems, unread };
}

/** As SQLite orders them. */
function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
