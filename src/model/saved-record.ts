import type { ControlAction } from './control-action.ts';
import type { ActionTotals } from './control-ledger.ts';
import {
  adaptAppName,
  type ControlBounds,
  type ControlRecord,
  countActions,
  newControlRecord,
  nextControlStep,
  restartControl,
  wasControlNeverPolled,
} from './control-record.ts';
import type { PushLedger } from './push-ledger.ts';
import {
  countAnswer,
  newPushRecord,
  nextStep,
  type PushRecord,
  restartPush,
  wasPushNeverPolled,
} from './push-record.ts';
import type { PushSample } from './push-sample.ts';
import type { ControlHistorySource, HistoryLimits } from './questions.ts';
import type { RecordKind } from './record-kind.ts';
import { type ControlTarget, type PushTarget, type TargetTiming, totalLookbackMs } from './target.ts';
import { resumeLedger } from './target-ledger.ts';
import type { EpochMs } from './time.ts';

/** A record as the state file keeps it. */
export type SavedRecord = PushRecord | ControlRecord;

/** A dirty record and its version on disk. */
export interface RecordChange {
  readonly record: SavedRecord;
  /**
   * Version on disk, for domains only, which have one row per stream: only rows that differ from this version
   * are written. undefined: all rows are written.
   */
  readonly saved: ControlRecord | undefined;
}

/**
 * Resumes the record of a target that returns to the config. Its first answer makes the time between a gap. Also
 * moves the start of a record that has resumed but has no answer yet.
 */
export function resumeRecord<Saved extends SavedRecord>(
  record: Saved,
  target: TargetTiming,
  now: EpochMs,
): Saved {
  return {
    ...record,
    target: resumeLedger<PushSample | ControlAction>(record.target, now, totalLookbackMs(target)),
  };
}

/**
 * Returns a function that returns the record of a target that the config names from now on: a new one, or
 * `known`, which resumes.
 */
function startOrResumeWith<Target extends TargetTiming, Saved extends SavedRecord>(
  create: (target: Target, now: EpochMs) => Saved,
) {
  return (known: Saved | undefined, target: Target, now: EpochMs): Saved => {
    if (known === undefined) return create(target, now);
    return known.frozenAt === undefined
      ? known
      : { ...resumeRecord(known, target, now), frozenAt: undefined };
  };
}

export const startOrResumePush = startOrResumeWith(newPushRecord);
export const startOrResumeControl = startOrResumeWith(newControlRecord);

/** Records of push statistics. */
export const pushRecords: RecordKind<PushTarget, PushSample, PushRecord, HistoryLimits> = {
  read: (record) => (isSaved(record) && record.question === 'push_stats' ? record : undefined),
  startOrResume: startOrResumePush,
  restart: restartPush,
  wasNeverPolled: wasPushNeverPolled,
  nextStep: (progress, _record, target, limits, now) => nextStep(progress, target, limits, now),
  count: countAnswer,
};

type ControlLimits = ControlHistorySource['limits'];

/**
 * Records of control history. `bounds` returns what the targets of the account share at the moment of
 * counting.
 */
export function createControlRecords(
  bounds: () => ControlBounds,
): RecordKind<ControlTarget, ControlAction, ControlRecord, ControlLimits> {
  return {
    read: (record) => (isSaved(record) && record.question === 'control_history' ? record : undefined),
    startOrResume: startOrResumeControl,
    restart: restartControl,
    wasNeverPolled: wasControlNeverPolled,
    adapt: adaptAppName,
    nextStep: (_progress, record, target, limits, now) => nextControlStep(record(), target, limits, now),
    count: (record, step, target, _limits, now, rows) =>
      countActions(record, step, target, { now, ...bounds() }, rows),
  };
}

function isSaved(record: unknown): record is SavedRecord {
  return typeof record === 'object' && record !== null && 'question' in record;
}

/** Returns all push ledgers of a record by stream key: first that of the target's own stream. */
export function pushLedgersOf({
  streamKey: key,
  push,
  streams,
}: PushRecord): readonly [string, PushLedger][] {
  return [[key, push], ...(streams ?? [])];
}

/** Releases the push counters of a stream from 0: every known scraper has received them. Idempotent. */
export function pushLeftZero(record: PushRecord, key = record.streamKey): PushRecord {
  const { push, streams } = record;
  if (key === record.streamKey)
    return push.leftZero ? record : { ...record, push: { ...push, leftZero: true } };
  const ledger = streams?.get(key);
  if (ledger === undefined || ledger.leftZero) return record;
  return { ...record, streams: new Map(streams).set(key, { ...ledger, leftZero: true }) };
}

/**
 * An action counter that every known scraper has received at 0. `streamKey` is undefined for the domain's
 * counter.
 */
export interface SeenAction {
  readonly streamKey: string | undefined;
  readonly action: string;
}

/**
 * Releases these action counters from 0, all in one copy of the record, because there can be thousands.
 * Idempotent.
 */
export function controlLeftZero(record: ControlRecord, seen: readonly SeenAction[]): ControlRecord {
  let { domain } = record;
  const streams = new Map(record.streams);
  for (const { streamKey: key, action } of seen) {
    if (key === undefined) {
      domain = { ...domain, actions: leftZero(domain.actions, action) };
      continue;
    }
    const ledger = streams.get(key);
    if (ledger !== undefined) streams.set(key, { ...ledger, actions: leftZero(ledger.actions, action) });
  }
  return { ...record, domain, streams };
}

function leftZero(totals: ActionTotals, action: string): ActionTotals {
  const total = totals[action];
  return total === undefined ? totals : { ...totals, [action]: { ...total, leftZero: true } };
}
