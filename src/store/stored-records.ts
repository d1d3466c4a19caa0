import { isPushKey } from '../model/target.ts';
import type { EpochMs } from '../model/time.ts';
import {
  frozenHead,
  frozenPrefix,
  type RecordBody,
  type RecordRow,
  recordKey,
  seenPrefix,
  seenRowsOf,
  streamPrefix,
} from './record-rows.ts';
import type { RowFile } from './row-file.ts';
import { intactBody, put, type ReadRow, type RowChange, removed } from './rows.ts';
import { reasonOf } from './sqlite-errors.ts';

/** Rows of one record in the state file. */
export interface StoredRecord {
  /** The rows in the order that `createRecordReader` needs, with the keys of a record that is not frozen. */
  readonly rows: readonly RecordRow[];
  readonly isFrozen: boolean;
  /** Rows of streams that are damaged: the totals of these streams start at 0. */
  readonly problems: readonly string[];
}

/** Functions that read rows of records. */
type RecordRows = Pick<RowFile, 'row' | 'rows'>;

/** Number of rows that are read from the file at once. */
const rowsPerRead = 500;

/**
 * Reads the rows of a record, whether it is frozen or not. Returns undefined if there is none. Throws if the
 * record, or a row with its counted rows, is damaged or missing.
 */
export function readStored(file: RecordRows, targetKey: string): StoredRecord | undefined {
  for (const prefix of ['', frozenPrefix]) {
    const head = file.row(prefix + recordKey(targetKey));
    if (head === undefined) continue;
    const rows = [readRow(prefix, head)];
    const problems: string[] = [];
    if (!isPushKey(targetKey)) {
      // The cast is safe: the checksum proves that this program wrote the row.
      const body = JSON.parse(rows[0]?.body ?? '') as RecordBody;
      for (const key of seenRowsOf(targetKey, body).keys()) {
        const row = file.row(prefix + key);
        if (row === undefined) throw new Error(`${prefix}${key}: the row is missing`);
        rows.push(readRow(prefix, row));
      }
      for (const row of allRows(file, prefix + streamPrefix(targetKey))) {
        try {
          rows.push(readRow(prefix, row));
        } catch (error) {
          problems.push(reasonOf(error));
        }
      }
    }
    return { rows, isFrozen: prefix !== '', problems };
  }
  return undefined;
}

function readRow(prefix: string, row: ReadRow): RecordRow {
  const key = String(row.key);
  try {
    return { key: key.slice(prefix.length), body: intactBody(row) };
  } catch (error) {
    throw new Error(`${key}: ${reasonOf(error)}`, { cause: error });
  }
}

function* allRows(file: RecordRows, prefix: string): Iterable<ReadRow> {
  for (let after = prefix; ; ) {
    const rows = file.rows(prefix, rowsPerRead, after);
    yield* rows;
    const last = rows.at(-1);
    if (rows.length < rowsPerRead || last === undefined) return;
    after = String(last.key);
  }
}

/** Returns the changes that delete all rows of a record; `isFrozen`: with the keys of a frozen record. */
export function* removalOf(file: RecordRows, targetKey: string, isFrozen: boolean): Iterable<RowChange> {
  const prefix = isFrozen ? frozenPrefix : '';
  yield removed(prefix + recordKey(targetKey));
  if (isPushKey(targetKey)) return;
  for (const part of [seenPrefix(targetKey), streamPrefix(targetKey)]) {
    for (const { key } of allRows(file, prefix + part)) yield removed(String(key));
  }
}

/**
 * Returns the changes that freeze a record: its rows get other keys, and the time at which it was frozen, which is
 * `at` unless it has one. Nothing is changed if there is no such record, or if it is frozen already. Throws if a row
 * is damaged.
 */
export function* freezing(file: RecordRows, targetKey: string, at: EpochMs): Iterable<RowChange> {
  const stored = readStored(file, targetKey);
  const [head, ...parts] = stored?.rows ?? [];
  if (stored === undefined || head === undefined || stored.isFrozen) return;
  // Without its damaged row, a stream of the frozen domain would start at 0, and nobody would report it.
  const [problem] = stored.problems;
  if (problem !== undefined) throw new Error(problem);
  const { body, frozenAt } = frozenHead(targetKey, head.body, at);
  yield put(frozenPrefix + head.key, body, frozenAt);
  for (const part of parts) yield put(frozenPrefix + part.key, part.body, frozenAt);
  yield* removalOf(file, targetKey, false);
}
