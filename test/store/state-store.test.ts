import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ControlRecord } from '../../src/model/control-record.ts';
import { withEnd } from '../../src/model/row-list.ts';
import { startOrResumeControl, startOrResumePush } from '../../src/model/saved-record.ts';
import { streamKey } from '../../src/model/stream.ts';
import { toRecordRows } from '../../src/store/record-rows.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { noon, pushTarget, streamId } from '../support/samples.ts';
import { change, foldAll, openWithDamage, readState } from '../support/state.ts';
import { writeEarlierFile } from './earlier.ts';
import { save, savedControl, savedPush } from './saved.ts';

/** Hour of the actions of `savedControl`. */
const hour = noon / 3_600_000;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-state-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('loads the saved records, equal to the last sample', async () => {
  const records = [savedPush('news'), savedPush('sport'), savedControl()];
  await save(directory, records);

  expect(readState(directory)).toEqual({
    records: [savedControl(), ...records.slice(0, 2)],
    damage: undefined,
  });
});

test('says in which directory the state cannot be created if something is in the place of its files', () => {
  mkdirSync(join(directory, 'state.db-wal'));

  expect(() => openWithDamage(directory)).toThrow(
    new RegExp(
      `^cannot store state in ${directory}: .*EISDIR.*; choose a writable directory with --storage.path$`,
    ),
  );
  expect(readdirSync(directory)).not.toContain('state.db');
});

test('keeps the time from which a resumed target is polled until its first answer', async () => {
  const push = startOrResumePush({ ...savedPush('news'), frozenAt: noon }, pushTarget(), noon + 3_600_000);
  const control = startOrResumeControl(
    { ...savedControl(), frozenAt: noon },
    controlTarget(),
    noon + 3_600_000,
  );
  await save(directory, [push, control]);

  expect(readState(directory)).toEqual({ records: [control, push], damage: undefined });
  expect([push, control].map(({ target }) => target.backFrom)).toEqual([noon + 3_530_000, noon + 2_970_000]);
});

test('returns the time of the last save, as far as it is known', async () => {
  expect(lastSaved(noon)).toBeUndefined();
  await save(directory, [savedPush('news')]);
  await save(directory, [savedPush('sport')], noon + 5000);
  expect(lastSaved(noon + 9000)).toBe(noon + 5000);

  // The clock was set back, or the number is damaged.
  expect(lastSaved(noon + 4000)).toBe(noon);
  expect(lastSaved(noon - 1000)).toBeUndefined();
});

test('reads a record without an application name, as earlier versions wrote it', async () => {
  const { appName: _, ...earlier } = savedControl();
  writeEarlierFile(directory, [earlier as ControlRecord]);

  expect(readState(directory)).toEqual({
    records: [{ ...savedControl(), appName: undefined }],
    damage: undefined,
  });
});

test('writes only the changed rows of a domain, and deletes the rows of removed streams', () => {
  const before = savedControl();
  const streams = new Map([...before.streams].slice(0, 1));
  const after: ControlRecord = { ...before, streams };

  const changes = [...toRecordRows({ version: 2, record: after }, before, noon)];

  expect(changes.map(({ key, row }) => [key, row === undefined])).toEqual([
    [`record ${before.targetKey}`, false],
    [`stream ${before.targetKey} ${[...before.streams.keys()][1]}`, true],
  ]);
});

test('folds a domain of many streams and actions into rows of limited size, and reads it', async () => {
  const large = manyStreams(1000);
  const actions = Array.from({ length: 1200 }, (_, i) => controlAction({ actedAt: noon + i }));
  const record = { ...large, target: { ...large.target, seen: withEnd([], {}, actions) } };
  const { store } = openWithDamage(directory);
  await store.save([change(record)], noon);

  foldAll(store);

  const database = new DatabaseSync(join(directory, 'state.db'), { readOnly: true });
  const rows = database.prepare("SELECT key FROM ledgers WHERE key LIKE 'seen %'").all();
  database.close();
  store.close();
  expect(rows.map(({ key }) => String(key).split(' ').at(-1))).toEqual(
    [0, 1, 2].map((part) => `${hour}-${part}`),
  );
  expect(readState(directory)).toEqual({ records: [record], damage: undefined });
});

function manyStreams(streams: number): ControlRecord {
  const ledgers = Array.from({ length: streams }, (_, i) => {
    const stream = { ...streamId({ stream: `s${i}` }), provider: 'alibaba' as const };
    const forbid = { count: i, lastAt: noon, leftZero: false };
    return [streamKey(stream), { stream, actions: { forbid } }] as const;
  });
  return { ...savedControl(), streams: new Map(ledgers) };
}

function lastSaved(now: number): number | undefined {
  const { store, savedAt } = openWithDamage(directory, now);
  store.close();
  return savedAt;
}
