import type { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';

/*
 * Each row has its own checksum, but a row that is gone has none. If a disk or a file system loses a write, the older
 * page stays in its place, whose rows are intact. So the state file also has the number of its rows and a sum over
 * their checksums.
 */

/**
 * Returns the SQL of a hash of a checksum, from 0 to 2^32 - 1. Without it, rows that changed in the same way, such as
 * from 1 to 2, often have the same sum as before, because a CRC is linear: where the checksum of one row gains a bit,
 * that of another row loses it.
 */
function hashOf(checksum: string): string {
  const product = `${checksum} * 1640531527`;
  return `((${product} >> 31) * (${product} & 0x7fffffff) & 0xffffffff)`;
}

const sumOfRows = `SELECT count(*) AS rows, coalesce(sum(${hashOf('checksum')}), 0) & 0xffffffff AS hash FROM ledgers`;

/** Returns the definition of the trigger that changes the sum after an event. */
function triggerAfter(event: string, changes: string): string {
  return `CREATE TRIGGER row_sum_${event.slice(0, 6)} AFTER ${event} ON ledgers BEGIN UPDATE row_sum SET ${changes}; END`;
}

const [old, now] = [hashOf('old.checksum'), hashOf('new.checksum')];

/**
 * The sum is in a separate table, and triggers keep it. So versions of the exporter that do not know it keep it too,
 * and so does an operator who edits rows with `sqlite3`.
 */
const definitions: readonly string[] = [
  'CREATE TABLE row_sum (rows INTEGER NOT NULL, hash INTEGER NOT NULL) STRICT',
  triggerAfter('INSERT', `rows = rows + 1, hash = (hash + ${now}) & 0xffffffff`),
  triggerAfter('UPDATE OF checksum', `hash = (hash - ${old} + ${now}) & 0xffffffff`),
  triggerAfter('DELETE', `rows = rows - 1, hash = (hash - ${old}) & 0xffffffff`),
];

/** Lets the state file keep its sum from now on, if it does not. */
export function keepRowSum(database: DatabaseSync): void {
  if (definitionsIn(database).length > 0) return;
  try {
    database.exec(`BEGIN IMMEDIATE; ${definitions.join(';')}; INSERT INTO row_sum ${sumOfRows}; COMMIT`);
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK');
  }
}

/** Reports whether the definitions that keep the sum are damaged. If they were used, writes could fail. */
export function isRowSumDamaged(database: DatabaseSync): boolean {
  const found = definitionsIn(database);
  return found.length > 0 && !isDeepStrictEqual(found.toSorted(), definitions.toSorted());
}

/**
 * Returns, in words, how the rows of the state file differ from the saved rows. Returns undefined if they do not
 * differ, or if the file keeps no sum, because only earlier versions have used it.
 */
export function rowSumProblem(database: DatabaseSync): string | undefined {
  if (definitionsIn(database).length === 0) return undefined;
  const saved = readSum(database, 'SELECT rows, hash FROM row_sum');
  const found = readSum(database, sumOfRows);
  if (found.rows !== saved.rows) return `the file has ${found.rows} rows, but ${saved.rows} were saved`;
  return found.hash === saved.hash ? undefined : 'rows, or their sum, are from before the last save';
}

function definitionsIn(database: DatabaseSync): readonly string[] {
  const found = database.prepare(
    "SELECT sql FROM sqlite_schema WHERE tbl_name = 'row_sum' OR type = 'trigger'",
  );
  return found.all().map(({ sql }) => String(sql));
}

function readSum(database: DatabaseSync, sql: string) {
  const select = database.prepare(sql);
  // As in a row of the table `ledgers`, a damaged number can exceed the safe integers.
  select.setReadBigInts(true);
  const { rows = 0, hash = 0 } = select.get() ?? {};
  return { rows: Number(rows), hash: Number(hash) };
}
