import { type ControlAction, controlActions } from './control-action.ts';
import {
  actionLabelOf,
  addAction,
  type ControlLedger,
  type DomainLedger,
  newControlLedger,
  newDomainLedger,
} from './control-ledger.ts';
import type { ControlHistorySource } from './questions.ts';
import type { HistoryStep } from './record-kind.ts';
import { type StreamId, streamKey } from './stream.ts';
import type { ControlTarget } from './target.ts';
import {
  newRows,
  newTargetLedger,
  nextWindow,
  remainingGap,
  resumeLedger,
  type SkippedRows,
  skipGap,
  type TargetLedger,
  wasNeverPolled,
} from './target-ledger.ts';
import { dayMs, type EpochMs, hourMs, type Window } from './time.ts';

/** All ledgers of a control target, moved on together. */
export interface ControlRecord {
  readonly target: TargetLedger<ControlAction>;
  readonly domain: DomainLedger;
  /** By stream key. */
  readonly streams: ReadonlyMap<string, ControlLedger>;
  /** When records from long ago were last looked for. */
  readonly rescannedAt: EpochMs;
  /**
   * Which application was asked about last; empty: all of the domain. undefined in a state of before this was kept: the
   * one that is asked about now.
   */
  readonly appName: string | undefined;
}

export interface CountedActions {
  readonly record: ControlRecord;
  readonly added: readonly ControlAction[];
  /** Keys of streams for which there was no room; their actions count for the domain. */
  readonly dropped: readonly string[];
  readonly skipped: SkippedRows;
}

/** What an account's control targets share. */
export interface ControlBounds {
  /** The action labels that the account has. */
  readonly actionLabels: ReadonlySet<string>;
  /** How many streams more may be shown. */
  readonly freeStreams: number;
}

/** How far back a record may turn up late and still count. */
const rescanMs = dayMs;
const rescanEveryMs = hourMs;
/** A stream known only from what was done to it ends when nothing was done to it for so long. */
const forgetAfterMs = 7 * dayMs;

type Limits = ControlHistorySource['limits'];

/** The record of a target that was never asked. */
export function newControlRecord(target: ControlTarget, now: EpochMs): ControlRecord {
  return {
    target: newTargetLedger(now, reachMs(target)),
    domain: newDomainLedger(),
    streams: new Map(),
    rescannedAt: now,
    appName: appNameOf(target),
  };
}

/** The same for a record that a clock began which was ahead: nothing was ever asked, so nothing can be counted twice. */
export function restartControl(
  { domain }: ControlRecord,
  target: ControlTarget,
  now: EpochMs,
): ControlRecord {
  return { ...newControlRecord(target, now), domain };
}

/**
 * The record of a target that comes back after no config named it for a while: the time between is a gap once an answer
 * comes.
 */
export function resumeControl(record: ControlRecord, target: ControlTarget, now: EpochMs): ControlRecord {
  return { ...record, target: resumeLedger(record.target, now, reachMs(target)) };
}

/** Whether nothing was ever asked with success, nor given up. */
export function wasControlNeverPolled({ target, domain, streams }: ControlRecord): boolean {
  return wasNeverPolled(target) && streams.size === 0 && domain.gapMs === 0;
}

/**
 * The record as `target` is asked about from it, which may name another application than before. A bare name is told under
 * the application that is asked about, so what was seen is known under the new one too; and of other applications only
 * what a first start would have asked for when the old one was asked about last is new.
 */
export function withAppName(record: ControlRecord, target: ControlTarget): ControlRecord {
  const appName = appNameOf(target);
  if (record.appName === appName) return record;
  if (record.appName === undefined) return { ...record, appName };
  const { watermark, floor, seen } = record.target;
  const renamed = seen.filter((row) => row.appName === record.appName).map((row) => ({ ...row, appName }));
  const { ledger } = newRows(
    controlActions,
    record.target,
    {
      window: { from: floor, to: watermark },
      // They were counted, however far ahead they were.
      now: Infinity,
      // Where all were asked about, there is nothing of another that was not.
      lookbackMs: record.appName === '' ? rescanMs : reachMs(target),
    },
    renamed,
  );
  return { ...record, target: ledger, appName };
}

export function nextControlStep(
  record: ControlRecord,
  target: ControlTarget,
  limits: Limits,
  now: EpochMs,
): HistoryStep {
  const isRescan = now - record.rescannedAt >= rescanEveryMs;
  const lookbackMs = isRescan ? rescanMs : reachMs(target);
  return { ...nextWindow(record.target, now, { ...limits, lookbackMs }), isRescan };
}

/** Counts the answer to the step's window, asked at `now`, and first the time that was gap before it. */
export function countActions(
  before: ControlRecord,
  { window, gap, isRescan = false }: HistoryStep,
  { account, provider }: ControlTarget,
  { now, actionLabels, freeStreams }: ControlBounds & { readonly now: EpochMs },
  actions: readonly ControlAction[],
): CountedActions {
  const record = gap === undefined ? before : skip(before, gap);
  // What was counted is remembered for as long as a sweep reaches back.
  const { ledger, added, skipped } = newRows(
    controlActions,
    record.target,
    { window, now, lookbackMs: rescanMs },
    actions,
  );
  const known = new Set(actionLabels);
  const streams = new Map(record.streams);
  const dropped = new Set<string>();
  let { domain } = record;
  for (const row of added) {
    const spelling = actionLabelOf(row.action, known);
    known.add(spelling);
    domain = { ...domain, actions: addAction(domain.actions, spelling, row) };
    const id: StreamId = { account, provider, domain: row.domain, appName: row.appName, stream: row.stream };
    const key = streamKey(id);
    const stream = streams.get(key);
    if (stream === undefined && streams.size - record.streams.size >= freeStreams) {
      dropped.add(key);
      continue;
    }
    const { actions: totals } = stream ?? newControlLedger(id);
    streams.set(key, { stream: id, actions: addAction(totals, spelling, row) });
  }
  if (isRescan) forgetSilent(streams, now);
  return {
    record: {
      target: ledger,
      domain,
      streams: added.length > 0 || isRescan ? streams : record.streams,
      rescannedAt: isRescan ? now : record.rescannedAt,
      appName: record.appName,
    },
    added,
    dropped: [...dropped],
    skipped,
  };
}

function forgetSilent(streams: Map<string, ControlLedger>, now: EpochMs): void {
  for (const [key, { actions }] of streams) {
    const lastAt = Math.max(...Object.values(actions).map((total) => total.lastAt ?? 0));
    if (lastAt < now - forgetAfterMs) streams.delete(key);
  }
}

function skip(record: ControlRecord, step: Window): ControlRecord {
  const gap = remainingGap(record.target, step);
  if (gap === undefined) return record;
  const { ledger } = skipGap(record.target, gap);
  const { domain } = record;
  return { ...record, target: ledger, domain: { ...domain, gapMs: domain.gapMs + (gap.to - gap.from) } };
}

function appNameOf({ appName = '' }: ControlTarget): string {
  return appName;
}

function reachMs({ expectedDelayMs, lookbackMs }: ControlTarget): number {
  return expectedDelayMs + lookbackMs;
}
