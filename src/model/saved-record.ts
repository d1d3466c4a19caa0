import type { ControlAction } from './control-action.ts';
import type { ActionTotals, ControlLedger } from './control-ledger.ts';
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
import { withChanges } from './layered-map.ts';
import type { LedgerTotals } from './push-ledger.ts';
import {
  countAnswer,
  newPushRecord,
  type PushRecord,
  restartPush,
  wasPushNeverPolled,
} from './push-record.ts';
import type { PushSample } from './push-sample.ts';
import { nextStep } from './push-window.ts';
import type { ControlHistorySource, HistoryLimits } from './questions.ts';
import type { RecordKind } from './record-kind.ts';
import { type ControlTarget, type PushTarget, type TargetTiming, totalLookbackMs } from './target.ts';
import { resumeLedger } from './target-ledger.ts';
import type { EpochMs } from './time.ts';

/** Record of one target, with its polling progress and totals, as it is saved in the state file. */
export type SavedRecord = PushRecord | ControlRecord;

/** Record whose totals are exposed. */
export type PublishedRecord = PublishedPush | ControlRecord;

/** Totals of a push record: those of the target's own stream, and of all other streams by stream key. */
export interface PublishedPush extends Pick<PushRecord, 'question' | 'targetKey' | 'streamKey'> {
  readonly push: LedgerTotals;
  readonly streams?: ReadonlyMap<string, LedgerTotals> | undefined;
}

/** Record to save, with its version on disk. Only the difference is written. */
export interface RecordChange {
  readonly record: SavedRecord;
  /** Version on disk; undefined if there is none. */
  readonly saved: SavedRecord | undefined;
}

/**
 * Resumes the record of a target that returns to the config at `now`. When its first answer is counted, the
 * time without polls becomes a gap. If the record was already resumed but has no answer since, moves the
 * start of polling to `now`.
 */
export function resumeRecord<Saved extends SavedRecord>(
  record: Saved,
  target: TargetTiming,
  now: EpochMs,
): Saved {
  return {
    ...record,
    target: resumeLedger(record.target, now, totalLookbackMs(target)),
  };
}

/** Returns the function `startOrResume` of a record kind. `create` creates the record of a new target. */
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

/** Record kind of push statistics. */
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
 * Creates the record kind of control history. `bounds` returns the limits that all targets of the account
 * share; it is called whenever an answer is counted.
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
    count: (record, step, target, { sameActionMs }, now, rows) =>
      countActions(record, step, target, { now, sameActionMs, ...bounds() }, rows),
  };
}

function isSaved(record: unknown): record is SavedRecord {
  return typeof record === 'object' && record !== null && 'question' in record;
}

/**
 * Returns all push ledgers of a record, each with its stream key. The ledger of the stream that the target
 * names comes first.
 */
export function pushLedgersOf({
  streamKey: key,
  push,
  streams,
}: PublishedPush): readonly [string, LedgerTotals][] {
  return [[key, push], ...(streams ?? [])];
}

/**
 * Marks the push counters of a stream as released from the zero hold, because every known scraper has
 * received the 0. `key` is the key of the stream. Idempotent.
 */
export function pushLeftZero(record: PushRecord, key = record.streamKey): PushRecord {
  const { push, streams } = record;
  if (key === record.streamKey)
    return push.leftZero ? record : { ...record, push: { ...push, leftZero: true } };
  const ledger = streams?.get(key);
  if (ledger === undefined || ledger.leftZero) return record;
  return { ...record, streams: new Map(streams).set(key, { ...ledger, leftZero: true }) };
}

/** Action counter whose value 0 every known scraper has received. */
export interface SeenAction {
  /** Key of the stream whose actions are counted; undefined for the counter of the whole domain. */
  readonly streamKey: string | undefined;
  readonly action: string;
}

/**
 * Marks the action counters in `seen` as released from the zero hold, because every known scraper has
 * received the 0. Changes the record only once for all counters, because there can be thousands. Idempotent.
 */
export function controlLeftZero(record: ControlRecord, seen: readonly SeenAction[]): ControlRecord {
  let { domain } = record;
  const changed = new Map<string, ControlLedger>();
  for (const { streamKey: key, action } of seen) {
    if (key === undefined) {
      domain = { ...domain, actions: leftZero(domain.actions, action) };
      continue;
    }
    const ledger = changed.get(key) ?? record.streams.get(key);
    if (ledger !== undefined) changed.set(key, { ...ledger, actions: leftZero(ledger.actions, action) });
  }
  return { ...record, domain, streams: withChanges(record.streams, changed) };
}

function leftZero(totals: ActionTotals, action: string): ActionTotals {
  const total = totals[action];
  return total === undefined ? totals : { ...totals, [action]: { ...total, leftZero: true } };
}
