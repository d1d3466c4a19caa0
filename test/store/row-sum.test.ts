import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ControlRecord } from '../../src/model/control-record.ts';
import { streamKey } from '../../src/model/stream.ts';
import { controlAction } from '../support/actions.ts';
import { noon, streamId } from '../support/samples.ts';
import { inOrder, readState } from '../support/state.ts';
import { save, savedPush } from './saved.ts';
import { recordsOf } from './versions.ts';

const pageBytes = 8192;
const older = 'rows, or their sum, are from before the last save';
const movedTo = 'state.db.unusable-2026-03-01T120000.000Z';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-sum-'));
  file = join(directory, 'state.db');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('reports a row of a stream that is missing because the write of its page was lost', async () => {
  const records = recordsOf(1);
  await save(directory, records);
  const before = readFileSync(file);
  const added = withStream('stream-999');
  await save(directory, [added]);
  const page = pageWith(`stream ${added.targetKey} ${keyOf('stream-999')}`);
  const rows = rowsOf('%').length;
  loseWrite(before, page);

  expect(readState(directory)).toEqual({
    records: inOrder(records.map((record) => (record.question === 'push_stats' ? record : domain()))),
    damage: {
      problems: [`the file has ${rows - 1} rows, but ${rows} were saved`],
      isLossy: true,
      recovered: records.length,
      movedTo: join(directory, movedTo),
    },
  });
  expect(readState(directory).damage).toBeUndefined();
});

test('reports a record that is missing because the write of its page was lost', async () => {
  await save(directory, recordsOf(1));
  const before = readFileSync(file);
  await save(directory, [savedPush('news')]);
  const rows = rowsOf('%').length;
  loseWrite(before, pageWith(`record ${savedPush('news').targetKey}`));

  const { records, damage } = readState(directory);

  expect(records).toEqual(inOrder(recordsOf(1)));
  expect(damage).toMatchObject({
    problems: [`the file has ${rows - 1} rows, but ${rows} were saved`],
    isLossy: true,
  });
});

test('reports rows that are back because the write of their page was lost', async () => {
  await save(directory, [...recordsOf(1), withStream('stream-999')]);
  const before = readFileSync(file);
  const key = `stream ${domain().targetKey} ${keyOf('stream-999')}`;
  const page = pageWith(key);
  await save(directory, [domain()]);
  const rows = rowsOf('%').length;
  loseWrite(before, page);

  const { records, damage } = readState(directory);

  expect(records).toHaveLength(recordsOf(1).length);
  expect(damage).toMatchObject({
    problems: [`the file has ${rows + 1} rows, but ${rows} were saved`],
    isLossy: true,
  });
});

test('reports each lost write of a page after which totals are missing or older', {
  timeout: 120_000,
}, async () => {
  const problems = new Set<string>();
  // The second time, pages are divided to make room for more rows.
  for (const first of [recordsOf(1), recordsOf(1).filter((_, i) => i % 2 === 0)]) {
    await save(directory, first);
    const before = readFileSync(file);
    await save(directory, recordsOf(2));
    const after = readFileSync(file);
    const pages = Array.from({ length: before.length / pageBytes }, (_, i) => i + 1);

    for (const page of pages.filter((each) => !pageOf(before, each).equals(pageOf(after, each)))) {
      writeFileSync(file, after);
      loseWrite(before, page);

      const { records, damage } = readState(directory);

      if (!isDeepStrictEqual(records, inOrder(recordsOf(2)))) {
        expect([page, damage?.isLossy]).toEqual([page, true]);
        for (const problem of damage?.problems ?? []) problems.add(problem.replaceAll(/\d+/g, 'N'));
      }
      expect(readState(directory)).toEqual({ records, damage: undefined });
      for (const name of readdirSync(directory)) rmSync(join(directory, name));
    }
  }

  for (const problem of [older, 'the file has N rows, but N were saved', 'Page N: never used'])
    expect(problems).toContain(problem);
});

test('drops a domain if a row with its counted actions is older, because some would count twice', async () => {
  const [one, two] = [controlAction(), controlAction({ actedAt: noon + 1000 })];
  await save(directory, [savedPush('news'), withSeen([one])]);
  const [older] = rowsOf('seen %');
  await save(directory, [withSeen([one, two])]);
  replaceRow(older);

  const { records, damage } = readState(directory);

  expect(records).toEqual([savedPush('news')]);
  expect(damage?.problems).toEqual([
    `${older?.key}: the row and that of its record are not of the same save`,
  ]);
});

test('keeps the sum while another version of the exporter writes the file', async () => {
  await save(directory, recordsOf(1));
  const rows = rowsOf('record %');
  const database = new DatabaseSync(file);
  // As the versions before the sum write and delete rows.
  const upsert = database.prepare(
    'INSERT INTO ledgers (key, version, body, checksum, saved_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE ' +
      'SET version = excluded.version, body = excluded.body, checksum = excluded.checksum, saved_at = excluded.saved_at',
  );
  database.exec("DELETE FROM ledgers WHERE key LIKE 'record %'");
  for (const row of [...rows, ...rows]) upsert.run(...Object.values(row));
  database.close();

  expect(readState(directory)).toEqual({ records: inOrder(recordsOf(1)), damage: undefined });
});

test('takes over a file without a sum, and adds it', async () => {
  await save(directory, recordsOf(1));
  const before = readFileSync(file);
  dropSum();
  await save(directory, [savedPush('news')]);
  const page = pageWith(`record ${savedPush('news').targetKey}`);

  expect(readState(directory).damage).toBeUndefined();
  const rows = rowsOf('%').length;
  loseWrite(before, page);
  expect(readState(directory).damage?.problems).toEqual([
    `the file has ${rows - 1} rows, but ${rows} were saved`,
  ]);
});

test('keeps all rows if only their sum is unreadable, missing or absurd', async () => {
  for (const [sql, problem] of [
    ['DELETE FROM row_sum', 'the file has 3 rows, but 0 were saved'],
    [
      'UPDATE row_sum SET rows = 9223372036854775807',
      'the file has 3 rows, but 9223372036854776000 were saved',
    ],
    ['UPDATE row_sum SET hash = -9223372036854775808', older],
  ] as const) {
    const records = ['a', 'b', 'c'].map(savedPush);
    await save(directory, records);
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();

    const read = readState(directory);

    expect([read.records, read.damage?.problems]).toEqual([records, [problem]]);
    expect(readState(directory)).toEqual({ records, damage: undefined });
    for (const name of readdirSync(directory)) rmSync(join(directory, name));
  }
});

test('loses nothing if the triggers that keep the sum are damaged', async () => {
  const records = [savedPush('news'), savedPush('sport')];
  const definition = 'UPDATE row_sum SET';
  for (const damaged of ['UPDATE row_qum SET', 'UPDATE row_sum SEP']) {
    await save(directory, records);
    const bytes = readFileSync(file);
    bytes.write(damaged, bytes.indexOf(definition));
    writeFileSync(file, bytes);

    const read = readState(directory);

    expect(read.records).toEqual(records);
    expect(read.damage).toMatchObject({
      problems: ['the triggers of the table are damaged'],
      isLossy: false,
      recovered: 2,
    });
    expect(readState(directory)).toEqual({ records, damage: undefined });
    for (const name of readdirSync(directory)) rmSync(join(directory, name));
  }
});

const domain = (): ControlRecord => {
  const record = recordsOf(1).at(-1);
  if (record?.question !== 'control_history') throw new Error('the last record is not that of a domain');
  return record;
};

const idOf = (stream: string) => streamId({ account: 'aliyun', provider: 'alibaba', stream });
const keyOf = (stream: string) => streamKey(idOf(stream));

function withStream(stream: string): ControlRecord {
  const actions = { forbid: { count: 1, lastAt: noon, leftZero: true } };
  const streams = new Map(domain().streams).set(keyOf(stream), { stream: idOf(stream), actions });
  return { ...domain(), streams };
}

function withSeen(seen: ControlRecord['target']['seen']): ControlRecord {
  return { ...domain(), target: { ...domain().target, seen } };
}

/** Writes the older content of a page again, as if the disk had lost its last write. */
function loseWrite(before: Buffer, page: number): void {
  const bytes = readFileSync(file);
  const old = pageOf(before, page);
  expect([old.length, old.equals(pageOf(bytes, page))]).toEqual([pageBytes, false]);
  bytes.set(old, (page - 1) * pageBytes);
  writeFileSync(file, bytes);
}

function pageOf(bytes: Buffer, page: number): Buffer {
  return bytes.subarray((page - 1) * pageBytes, page * pageBytes);
}

/** Returns the number of the page with a row. */
function pageWith(key: string): number {
  return Math.floor(readFileSync(file).indexOf(key) / pageBytes) + 1;
}

function rowsOf(pattern: string) {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare('SELECT * FROM ledgers WHERE key LIKE ? ORDER BY key').all(pattern);
  database.close();
  return rows;
}

/** Replaces a row, with a sum that fits. */
function replaceRow(row: ReturnType<typeof rowsOf>[number] | undefined): void {
  const database = new DatabaseSync(file);
  database
    .prepare('UPDATE ledgers SET key = ?, version = ?, body = ?, checksum = ?, saved_at = ? WHERE key = ?')
    .run(...Object.values(row ?? {}), String(row?.key));
  database.close();
}

function dropSum(): void {
  const database = new DatabaseSync(file);
  for (const event of ['INSERT', 'UPDATE', 'DELETE']) database.exec(`DROP TRIGGER row_sum_${event}`);
  database.exec('DROP TABLE row_sum');
  database.close();
}
