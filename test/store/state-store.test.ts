import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { countAnswer, newPushRecord, nextStep } from '../../src/model/push-record.ts';
import type { SavedRecord } from '../../src/model/saved-record.ts';
import { streamKey } from '../../src/model/stream.ts';
import { pushTargetKey } from '../../src/model/target.ts';
import { lockState, StateLockedError } from '../../src/store/lock.ts';
import { openStateStore } from '../../src/store/state-store.ts';
import { noon, pushTarget, samplesBetween, streamId } from '../support/samples.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'livestream-state-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('what was saved is loaded again, the same to the last sample seen', () => {
  const records = [savedRecord('news'), savedRecord('sport')];
  const { store } = openStateStore(folder, noon);
  store.save(records, noon);
  store.close();

  const { store: again, problem } = openStateStore(folder, noon);

  expect(problem).toBeUndefined();
  expect(again.load()).toEqual({ records, problems: [] });
  again.close();
});

test('a save that fails leaves what was saved before', () => {
  const { store } = openStateStore(folder, noon);
  store.save([savedRecord('news')], noon);
  const unsavable = { ...savedRecord('sport'), push: { toJSON: () => fail('the disk refuses') } };

  // The cast makes a record that throws while it is written, in the middle of a transaction.
  expect(() => store.save([savedRecord('weather'), unsavable as unknown as SavedRecord], noon)).toThrow(
    'the disk refuses',
  );
  expect(store.load().records.map(({ streamKey: key }) => key)).toEqual([savedRecord('news').streamKey]);
  store.close();
});

test('a forgotten record is gone', () => {
  const { store } = openStateStore(folder, noon);
  store.save([savedRecord('news'), savedRecord('sport')], noon);

  store.forget([savedRecord('news')]);

  expect(store.load().records).toEqual([savedRecord('sport')]);
  store.close();
});

test('a row with a flipped byte is dropped with its pair, and the others stand', () => {
  const { store } = openStateStore(folder, noon);
  store.save([savedRecord('news'), savedRecord('sport')], noon);
  store.close();
  const database = new DatabaseSync(join(folder, 'state.db'));
  const damaged = `push ${savedRecord('news').streamKey}`;
  database
    .prepare('UPDATE ledgers SET body = replace(body, \'"samples":12\', \'"samples":92\') WHERE key = ?')
    .run(damaged);
  database.close();

  const { store: again } = openStateStore(folder, noon);

  expect(again.load()).toEqual({
    records: [savedRecord('sport')],
    problems: [
      `${damaged}: the checksum does not fit`,
      `target ${savedRecord('news').targetKey}: it has no totals`,
    ],
  });
  again.close();
});

test('a file that is no database is moved aside, loudly, and a new one begun', () => {
  writeFileSync(
    join(folder, 'state.db'),
    'no database at all, but long enough to be looked at as one '.repeat(20),
  );

  const { store, problem } = openStateStore(folder, noon);

  expect(problem).toBe(
    `${join(folder, 'state.db')} can't be used (file is not a database); it was moved to ` +
      `${join(folder, 'state.db.unusable-2026-03-01T120000.000Z')}, and all totals start from 0`,
  );
  expect(store.load()).toEqual({ records: [], problems: [] });
  store.close();
  expect(readdirSync(folder)).toContain('state.db.unusable-2026-03-01T120000.000Z');
});

test('the file of another program and one of a newer version are moved aside, not written to', () => {
  for (const [pragmas, reason] of [
    ['PRAGMA application_id = 1', 'it belongs to another program'],
    ['PRAGMA user_version = 99', 'it was written by a newer version of this program (file version 99)'],
  ] as const) {
    openStateStore(folder, noon).store.close();
    const database = new DatabaseSync(join(folder, 'state.db'));
    database.exec(pragmas);
    database.close();

    const { store, problem } = openStateStore(folder, noon);
    store.close();

    expect(problem).toContain(reason);
    rmSync(folder, { recursive: true });
  }
  // afterEach takes it away.
  openStateStore(folder, noon).store.close();
});

test('a second daemon is told who has the state, and has it once the first let go', () => {
  const release = lockState(folder, { pid: 4711, startedAt: '2026-03-01T12:00:00Z' });

  expect(() => lockState(folder, { pid: 4712, startedAt: 'later' })).toThrow(StateLockedError);
  expect(() => lockState(folder, { pid: 4712, startedAt: 'later' })).toThrow(
    'in use by process 4711, started 2026-03-01T12:00:00Z',
  );
  release();

  lockState(folder, { pid: 4712, startedAt: 'later' })();
});

function savedRecord(name: string): SavedRecord {
  const target = pushTarget({ stream: streamId({ stream: name }) });
  const limits = { spanMs: 7_200_000, retentionMs: 259_200_000, periodMs: 5000 };
  const step = nextStep(newPushRecord(target, noon), target, limits, noon);
  const { record } = countAnswer(step, target, limits, noon, samplesBetween(noon - 60_000, noon));
  return {
    targetKey: pushTargetKey(target),
    streamKey: streamKey(target.stream),
    frozenAt: undefined,
    ...record,
  };
}

function fail(message: string): never {
  throw new Error(message);
}
