import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { expect } from 'vitest';
import { type ControlRecord, countActions, nextControlStep } from '../../src/model/control-record.ts';
import { countAnswer, type PushRecord } from '../../src/model/push-record.ts';
import { nextStep } from '../../src/model/push-window.ts';
import { type SavedRecord, startOrResumeControl, startOrResumePush } from '../../src/model/saved-record.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { noon, pushTarget, samplesBetween, streamId } from '../support/samples.ts';
import { change, foldAll, openWithDamage, readState } from '../support/state.ts';
import { recordsOf } from './versions.ts';

/** Returns the record of a stream after one minute of samples. */
export function savedPush(name: string): PushRecord {
  const target = pushTarget({ stream: streamId({ stream: name }) });
  const limits = { spanMs: 7_200_000, retentionMs: 259_200_000, periodMs: 5000 };
  const started = startOrResumePush(undefined, target, noon);
  const step = nextStep(started.target, target, limits, noon);
  const samples = samplesBetween(noon - 60_000, noon);
  return { ...started, ...countAnswer(started, step, target, limits, noon, samples).record };
}

/** Returns the record of a domain with three actions on two streams. */
export function savedControl(): ControlRecord {
  const target = controlTarget();
  const started = startOrResumeControl(undefined, target, noon);
  const step = nextControlStep(started, target, { spanMs: 604_800_000, retentionMs: 604_800_000 }, noon);
  const actions = [controlAction(), controlAction(), controlAction({ stream: 'sport', action: 'resume' })];
  const bounds = { now: noon, actionLabels: new Set<string>() };
  return { ...started, ...countActions(started, step, target, bounds, actions).record };
}

/** Saves the records in the state file of `directory`, without a journal. */
export async function save(directory: string, records: readonly SavedRecord[], now = noon): Promise<void> {
  const { store } = openWithDamage(directory, now);
  await store.save(records.map(change), now);
  foldAll(store, now);
  store.close();
}

/** Saves the versions `from` to `to` of all records to the journal, each with its difference to the version before. */
export async function saveVersions(directory: string, from: number, to: number): Promise<void> {
  const { store } = openWithDamage(directory);
  for (let version = from; version <= to; version++) {
    const before = version - 1;
    await store.save(
      recordsOf(version)
        .map(change)
        .map(before === 0 ? (each) => each : withSaved(before)),
      noon,
    );
  }
  store.close();
}

function withSaved(version: number) {
  const saved = new Map(recordsOf(version).map((record) => [record.targetKey, record]));
  return ({ record }: { readonly record: SavedRecord }) => ({ record, saved: saved.get(record.targetKey) });
}

/**
 * Checks that a start reports the damage to a journal, keeps the records `left` and the damaged file, and that the
 * next start reports nothing.
 */
export function expectReportedOnce(
  journal: string,
  { problem, left }: { readonly problem: string; readonly left: readonly SavedRecord[] },
): void {
  const directory = dirname(journal);
  const bytes = readFileSync(journal);

  const { records, damage } = readState(directory);

  expect(records).toEqual(left);
  expect(damage).toEqual({
    problems: [problem],
    isLossy: true,
    recovered: left.length,
    movedTo: `${journal}.unusable-2026-03-01T120000.000Z`,
  });
  expect(readFileSync(damage?.movedTo ?? '')).toEqual(bytes);
  expect(readState(directory)).toEqual({ records: left, damage: undefined });
}

/** Replaces text in the body of one row, without a new checksum. */
export function damageBody(directory: string, key: string, from: string, to: string): void {
  updateRow(directory, 'body = replace(body, ?, ?)', from, to, key);
}

/** Replaces the body of one row, with a checksum that fits. */
export function forgeBody(directory: string, key: string, body: string): void {
  const checksum = crc32('3', crc32(body, crc32(key)));
  updateRow(directory, 'body = ?, checksum = ?', body, checksum, key);
}

/** Changes one row. The last value is its key. */
function updateRow(directory: string, assignments: string, ...values: readonly (string | number)[]): void {
  const database = new DatabaseSync(join(directory, 'state.db'));
  const { changes } = database.prepare(`UPDATE ledgers SET ${assignments} WHERE key = ?`).run(...values);
  database.close();
  expect(changes).toBe(1);
}

/** Runs the work as an ordinary user: the permission checks do not apply to root. */
export function asOrdinaryUser<T>(work: () => T): T {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
