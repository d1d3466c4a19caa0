import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SavedRecord } from '../../src/model/saved-record.ts';
import { createJournal } from '../../src/store/journal.ts';
import { toJournalText } from '../../src/store/journal-lines.ts';
import { diffRecord } from '../../src/store/record-change.ts';
import { createStateClient } from '../../src/store/state-client.ts';
import { settle } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { change, foldAll, inOrder, openWithDamage, readState } from '../support/state.ts';
import { portOf } from '../support/storage.ts';
import { expectReportedOnce, saveVersions } from './saved.ts';
import { recordsOf, versionsIn } from './versions.ts';

const name = 'state.journal-000001';

let directory: string;
let journal: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-journal-'));
  journal = join(directory, name);
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('never restores a damaged change, and reports each loss', { timeout: 120_000 }, async () => {
  await saveVersions(directory, 1, 6);
  const intact = mkdtempSync(join(tmpdir(), 'livestream-journal-'));
  cpSync(directory, intact, { recursive: true });
  const bytes = readFileSync(journal);
  const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

  await fc.assert(
    fc.asyncProperty(
      fc.array(place, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 7 }),
      async (places, bit) => {
        const copy = Buffer.from(bytes);
        for (const at of places.map((share) => Math.floor(share * bytes.length)))
          copy[at] = (copy[at] ?? 0) ^ (1 << bit);
        writeFileSync(journal, copy);

        const { records, damage } = readState(directory);

        const isLossy = damage?.isLossy === true;
        for (const record of records) {
          const [version = 0, ...others] = versionsIn(record);
          expect(others).toEqual([]);
          if (version < 6) expect(isLossy).toBe(true);
        }
        if (records.length < recordsOf(1).length) expect(isLossy).toBe(true);
        if (!copy.equals(bytes)) expect(records.length).toBeGreaterThan(recordsOf(1).length - 9);
        rmSync(directory, { recursive: true });
        cpSync(intact, directory, { recursive: true });
      },
    ),
    { numRuns: 60 },
  );
  rmSync(intact, { recursive: true });
});

test('drops only the record whose change is damaged, reports it once, and keeps the damaged journal', async () => {
  await saveVersions(directory, 1, 3);
  const bytes = readFileSync(journal);
  const [third] = recordsOf(1).slice(3);
  const second = bytes.indexOf(`${third?.targetKey}\t`, bytes.indexOf(' 0 \t[', 10));
  bytes.write('9', second + Buffer.byteLength(`${third?.targetKey}\t[[`));
  writeFileSync(journal, bytes);

  expectReportedOnce(journal, {
    problem: `${third?.targetKey}: a saved change is missing (${name})`,
    left: versions(3).filter(({ targetKey }) => targetKey !== third?.targetKey),
  });
});

test('reports a change whose damaged key is that of another record', async () => {
  await saveVersions(directory, 1, 2);
  const bytes = readFileSync(journal);
  const [first, second] = recordsOf(1);
  const at = bytes.lastIndexOf(`${first?.targetKey}\t`);
  bytes.write(second?.targetKey ?? '', at);
  writeFileSync(journal, bytes);

  const { damage } = readState(directory);

  expect(first?.targetKey).toHaveLength(second?.targetKey.length ?? 0);
  expect(damage).toMatchObject({
    problems: [`${name}: the line at byte ${at - '01234567 2 '.length} is damaged`],
    isLossy: true,
  });
});

test('reports a damaged journal that must stay because another process reads the state file', async () => {
  await saveVersions(directory, 1, 3);
  const bytes = readFileSync(journal);
  bytes.write('9', bytes.indexOf('\t[[', bytes.indexOf(' 0 \t[', 10)) + 3);
  writeFileSync(journal, bytes);
  const reader = new DatabaseSync(join(directory, 'state.db'), { readOnly: true });
  reader.exec('BEGIN; SELECT count(*) FROM ledgers');

  const { store, reports } = openWithDamage(directory);

  expect(reports).toEqual([
    {
      problems: [expect.stringContaining('a saved change is missing')],
      isLossy: true,
      recovered: versions(3).length - 1,
      movedTo: undefined,
    },
  ]);
  expect(readFileSync(journal)).toEqual(bytes);
  reader.close();
  foldAll(store);
  store.close();
  expect(readdirSync(directory)).toEqual(['state.db', `${name}.unusable-2026-03-01T120000.000Z`]);
});

test('drops a record whose last change is damaged, although no later change shows it', async () => {
  await saveVersions(directory, 1, 2);
  const { store } = openWithDamage(directory);
  for (const record of recordsOf(3).slice(0, 2)) await store.save([change(record)], noon);
  store.close();
  const second = join(directory, 'state.journal-000002');
  const bytes = readFileSync(second);
  bytes[bytes.indexOf('\t[[', bytes.indexOf('\n')) + 4] = 33;
  writeFileSync(second, bytes);

  const { records, damage } = readState(directory);

  const { targetKey = '' } = recordsOf(3)[0] ?? {};
  expect(damage?.problems).toEqual([`${targetKey}: the last saved change is damaged (state.journal-000002)`]);
  expect(records.map((record) => record.targetKey)).not.toContain(targetKey);
});

test.each([2, 4])('restores a record that was saved as a whole after its damaged change %i', (damaged) => {
  const saved = [1, 2, 3, 4, 5].flatMap((version) => recordsOf(version).slice(0, 1));
  const [{ targetKey = '' } = {}] = saved;
  const { store } = openWithDamage(directory);
  for (const [i, record] of saved.entries()) {
    const isWhole = i === 0 || i === 4;
    const change = JSON.stringify(diffRecord(isWhole ? undefined : saved[i - 1], record));
    store.append([{ targetKey, version: i + 1, isWhole, change }], noon);
  }
  store.close();
  const bytes = readFileSync(journal);
  const start = ` ${damaged} ${targetKey}\t`;
  bytes.write('!', bytes.indexOf(start) + start.length);
  writeFileSync(journal, bytes);

  expect(readState(directory)).toEqual({ records: saved.slice(-1), damage: undefined });
});

test('saves a record again whose change in a full journal is damaged, and restores it after the next start', async () => {
  const { store } = openWithDamage(directory);
  const client = createStateClient(portOf({ append: store.append, maintain: store.maintain }), settle);
  const records = (version: number) => recordsOf(version).slice(0, 2);
  const save = (version: number) =>
    client.save(
      records(version).map((record, i) => ({ record, saved: records(version - 1)[i] })),
      noon,
    );
  for (const version of [1, 2, 3]) await save(version);
  // An urgent fold must not complete the next journal before the record is saved again.
  const maintain = (isUrgent: boolean) => client.maintain({ at: noon, expireBefore: undefined, isUrgent });
  await maintain(true);
  // The journal is full, and the changes after it are in the next one.
  await save(4);
  const bytes = readFileSync(journal);
  const start = ` 2 ${records(2)[0]?.targetKey}\t`;
  bytes.write('!', bytes.indexOf(start) + start.length);
  writeFileSync(journal, bytes);

  const { lost } = await maintain(true);
  await save(5);
  const later = [await maintain(true), await maintain(false)];
  store.close();

  expect(lost).toEqual([records(5)[0]?.targetKey]);
  expect(later.flatMap((state) => state.lost)).toEqual([]);
  expect(readState(directory)).toEqual({ records: records(5), damage: undefined });
});

test.each([true, false])(
  'reports a loss, unless a later journal contains the whole record: %s',
  async (isWhole) => {
    await saveVersions(directory, 1, 0);
    const saved = [1, 2, 3, 4, 5].flatMap((version) => recordsOf(version).slice(0, 1));
    const [{ targetKey = '' } = {}] = saved;
    const log = createJournal(directory);
    // The damaged change 2 is in the first file, the changes 3 and 4 are alone in the second one.
    for (const [i, record] of saved.entries()) {
      if (i === 2 || i === 4) log.seal();
      const entry = { targetKey, version: i + 1, isWhole: i === 0 || (i === 4 && isWhole) };
      const change = JSON.stringify(diffRecord(entry.isWhole ? undefined : saved[i - 1], record));
      log.append(toJournalText([{ ...entry, change }], noon), noon);
    }
    log.close();
    const bytes = readFileSync(journal);
    const start = ` 2 ${targetKey}\t`;
    bytes.write('!', bytes.indexOf(start) + start.length);
    writeFileSync(journal, bytes);

    const { records, damage } = readState(directory);

    expect(records).toEqual(isWhole ? saved.slice(-1) : []);
    expect(damage?.problems).toEqual(
      isWhole ? undefined : [`${targetKey}: the last saved change is damaged (${name})`],
    );
  },
);

test('saves a domain again if the row of a stream is damaged when its change is folded', async () => {
  const { store } = openWithDamage(directory);
  const client = createStateClient(portOf({ append: store.append, maintain: store.maintain }), settle);
  const domain = (version: number) => recordsOf(version).slice(-1);
  const save = (version: number) =>
    client.save(
      domain(version).map((record, i) => ({ record, saved: domain(version - 1)[i] })),
      noon,
    );
  const maintain = (isUrgent: boolean) => client.maintain({ at: noon, expireBefore: undefined, isUrgent });
  await save(1);
  foldAll(store);
  const database = new DatabaseSync(join(directory, 'state.db'));
  database.exec(`UPDATE ledgers SET checksum = checksum + 1 WHERE key LIKE 'stream %"stream-7"]'`);
  database.close();
  await save(2);
  await maintain(true);

  const { lost } = await maintain(false);
  await save(3);
  store.close();

  const { records, damage } = readState(directory);
  expect([records.map(versionsIn), damage]).toEqual([[[3]], undefined]);
  expect(lost).toEqual(domain(3).map(({ targetKey }) => targetKey));
});

function versions(version: number): readonly SavedRecord[] {
  return inOrder(recordsOf(version));
}
