import type { ActionTotals } from './control-ledger.ts';
import { type ControlRecord, newControlRecord, resumeControl } from './control-record.ts';
import { newPushRecord, type PushRecord, resumePush } from './push-record.ts';
import { streamKey } from './stream.ts';
import { type ControlTarget, controlTargetKey, type PushTarget, pushTargetKey } from './target.ts';
import type { EpochMs } from './time.ts';

/** A record as it is kept through a restart. */
export type SavedRecord = SavedPush | SavedControl;

interface Saved {
  readonly targetKey: string;
  /** Since when no config names the target; undefined while it is watched. */
  readonly frozenAt: EpochMs | undefined;
}

export interface SavedPush extends Saved, PushRecord {
  readonly question: 'push_stats';
  readonly streamKey: string;
}

export interface SavedControl extends Saved, ControlRecord {
  readonly question: 'control_history';
}

/** The record of a push target that is watched from now on: `known` goes on, or it begins. */
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

/** The record of a control target that is watched from now on: `known` goes on, or it begins. */
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

/** The push record whose counters were seen at 0, and may leave it. */
export function pushLeftZero(record: SavedPush): SavedPush {
  return record.push.leftZero ? record : { ...record, push: { ...record.push, leftZero: true } };
}

/** An action whose counter was seen at 0; of a stream, or, where that is undefined, of the domain. */
export interface SeenAction {
  readonly streamKey: string | undefined;
  readonly action: string;
}

/** The control record of which these actions' counters were seen at 0, and may leave it. All at once, since there may be thousands. */
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
