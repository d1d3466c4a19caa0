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
  resumeControl,
  wasControlNeverPolled,
} from './control-record.ts';
import type { PushLedger } from './push-ledger.ts';
import {
  countAnswer,
  newPushRecord,
  nextStep,
  type PushRecord,
  restartPush,
  resumePush,
  wasPushNeverPolled,
} from './push-record.ts';
import type { PushSample } from './push-sample.ts';
import type { ControlHistorySource, HistoryLimits } from './questions.ts';
import type { RecordKind } from './record-kind.ts';
import { streamKey } from './stream.ts';
import { type ControlTarget, controlTargetKey, type PushTarget, pushTargetKey } from './target.ts';
import type { EpochMs } from './time.ts';

/** A record as the state file keeps it. */
export type SavedRecord = SavedPush | SavedControl;

interface Saved {
  readonly targetKey: string;
  /** When the target left the config; undefined while the config names it. */
  readonly frozenAt: EpochMs | undefined;
}

export interface SavedPush extends Saved, PushRecord {
  readonly question: 'push_stats';
  readonly streamKey: string;
}

export interface SavedControl extends Saved, ControlRecord {
  readonly question: 'control_history';
}

/**
 * Returns the record of a push target that the config names from now on: a new one, or `known`, which
 * resumes.
 */
export function startOrResumePush(known: SavedPush | undefined, target: PushTarget, now: EpochMs): SavedPush {
  if (known === undefined) {
    return {
      question: 'push_stats',
      targetKey: pushTargetKey(target),
      streamKey: streamKey(target.stream),
      frozenAt: undefined,
      ...newPushRecord(target, now),
    };
  }
  return known.frozenAt === undefined
    ? known
    : { ...known, ...resumePush(known, target, now), frozenAt: undefined };
}

/**
 * Returns the record of a control target that the config names from now on: a new one, or `known`, which
 * resumes.
 */
export function startOrResumeControl(
  known: SavedControl | undefined,
  target: ControlTarget,
  now: EpochMs,
): SavedControl {
  if (known === undefined) {
    return {
      question: 'control_history',
      targetKey: controlTargetKey(target),
      frozenAt: undefined,
      ...newControlRecord(target, now),
    };
  }
  return known.frozenAt === undefined
    ? known
    : { ...known, ...resumeControl(known, target, now), frozenAt: undefined };
}

/** Records of push statistics. */
export const pushRecords: RecordKind<PushTarget, PushSample, SavedPush, HistoryLimits> = {
  read: (record) => (isSaved(record) && record.question === 'push_stats' ? record : undefined),
  startOrResume: startOrResumePush,
  resume: (record, target, now) => ({ ...record, ...resumePush(record, target, now) }),
  restart: (record, target, now) => ({ ...record, ...restartPush(record, target, now) }),
  wasNeverPolled: wasPushNeverPolled,
  nextStep: (progress, _record, target, limits, now) => nextStep(progress, target, limits, now),
  count(saved, step, target, limits, now, rows) {
    // Lists the fields, because a spread of the large object would take a tenth of the counting time.
    const { question, targetKey, streamKey: key, frozenAt, ...before } = saved;
    const { record, ...counted } = countAnswer(before, step, target, limits, now, rows);
    const { target: ledger, push, streams } = record;
    return {
      record: { question, targetKey, streamKey: key, frozenAt, target: ledger, push, streams },
      ...counted,
    };
  },
};

type ControlLimits = ControlHistorySource['limits'];

/**
 * Records of control history. `bounds` returns what the targets of the account share at the moment of
 * counting.
 */
export function createControlRecords(
  bounds: () => ControlBounds,
): RecordKind<ControlTarget, ControlAction, SavedControl, ControlLimits> {
  return {
    read: (record) => (isSaved(record) && record.question === 'control_history' ? record : undefined),
    startOrResume: startOrResumeControl,
    resume: (record, target, now) => ({ ...record, ...resumeControl(record, target, now) }),
    restart: (record, target, now) => ({ ...record, ...restartControl(record, target, now) }),
    wasNeverPolled: wasControlNeverPolled,
    adapt(record, target) {
      const adapted = adaptAppName(record, target);
      return adapted === record ? record : { ...record, ...adapted };
    },
    nextStep: (_progress, record, target, limits, now) => nextControlStep(record(), target, limits, now),
    count(saved, step, target, _limits, now, rows) {
      const counted = countActions(saved, step, target, { now, ...bounds() }, rows);
      return { ...counted, record: { ...saved, ...counted.record } };
    },
  };
}

function isSaved(record: unknown): record is SavedRecord {
  return typeof record === 'object' && record !== null && 'question' in record;
}

/** Returns all push ledgers of a record by stream key: first that of the target's own stream. */
export function pushLedgersOf({ streamKey: key, push, streams }: SavedPush): readonly [string, PushLedger][] {
  return [[key, push], ...(streams ?? [])];
}

/** Releases the push counters of a stream from 0: every known scraper has received them. Idempotent. */
export function pushLeftZero(record: SavedPush, key = record.streamKey): SavedPush {
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
export function controlLeftZero(record: SavedControl, seen: readonly SeenAction[]): SavedControl {
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
