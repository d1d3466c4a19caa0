import { type ControlAction, controlActions } from './control-action.ts';
import {
  addAction,
  type ControlLedger,
  type DomainLedger,
  newControlLedger,
  newDomainLedger,
  spellingOf,
} from './control-ledger.ts';
import type { ControlHistorySource } from './questions.ts';
import { type StreamId, streamKey } from './stream.ts';
import type { ControlTarget } from './target.ts';
import {
  comeBack,
  isUntouched,
  newRows,
  newTargetLedger,
  nextWindow,
  type SkippedRows,
  skipLost,
  stillLost,
  type TargetLedger,
} from './target-ledger.ts';
import { dayMs, type EpochMs, hourMs, type Window } from './time.ts';

/** All ledgers of a control target, moved on together. */
export interface ControlRecord {
  readonly target: TargetLedger<ControlAction>;
  readonly domain: DomainLedger;
  /** By stream key. */
  readonly streams: ReadonlyMap<string, ControlLedger>;
  /** When records from long ago were last looked for. */
  readonly sweptAt: EpochMs;
  /**
   * Which application was asked about last; empty: all of the domain. undefined in a state of before this was kept: the
   * one that is asked about now.
   */
  readonly appName: string | undefined;
}

/** What to ask a control target about next. */
export interface ControlStep {
  /** Empty (from >= to) when the clock was set back behind all that can be counted. */
  readonly window: Window;
  /** Time that the provider can't be asked about any more, or in which nobody watched. */
  readonly lost: Window | undefined;
  /** The window reaches back over all that can be told apart. */
  readonly isSweep: boolean;
}

export interface CountedActions {
  readonly record: ControlRecord;
  readonly fresh: readonly ControlAction[];
  /** Keys of streams for which there was no room; their actions count for the domain. */
  readonly dropped: readonly string[];
  readonly skipped: SkippedRows;
}

/** What an account's control targets share. */
export interface ControlBounds {
  /** The action labels that the account has. */
  readonly spellings: ReadonlySet<string>;
  /** How many streams more may be shown. */
  readonly room: number;
}

/** How far back a record may turn up late and still count. */
const sweepMs = dayMs;
const sweepEveryMs = hourMs;
/** A stream known only from what was done to it ends when nothing was done to it for so long. */
const forgetAfterMs = 7 * dayMs;

type Limits = ControlHistorySource['limits'];

/** The record of a target that was never asked. */
export function newControlRecord(target: ControlTarget, now: EpochMs): ControlRecord {
  return {
    target: newTargetLedger(now, reachMs(target)),
    domain: newDomainLedger(),
    streams: new Map(),
    sweptAt: now,
    appName: appNameOf(target),
  };
}

/** The same for a record that a clock began which was ahead: nothing was ever asked, so nothing can be counted twice. */
export function beginControlAnew(
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
export function controlComesBack(record: ControlRecord, target: ControlTarget, now: EpochMs): ControlRecord {
  return { ...record, target: comeBack(record.target, now, reachMs(target)) };
}

/** Whether nothing was ever asked with success, nor given up. */
export function isControlUnasked({ target, domain, streams }: ControlRecord): boolean {
  return isUntouched(target) && streams.size === 0 && domain.gapMs === 0;
}

/**
 * The record as `target` is asked about from it, which may name another application than before. A bare name is told under
 * the application that is asked about, so what was seen is known under the new one too; and of other applications only
 * what a first start would have asked for when the old one was asked about last is new.
 */
export function askedAbout(record: ControlRecord, target: ControlTarget): ControlRecord {
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
      lookbackMs: record.appName === '' ? sweepMs : reachMs(target),
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
): ControlStep {
  const isSweep = now - record.sweptAt >= sweepEveryMs;
  const lookbackMs = isSweep ? sweepMs : reachMs(target);
  return { ...nextWindow(record.target, now, { ...limits, lookbackMs }), isSweep };
}

/** Counts the answer to the step's window, asked at `now`, and first the time that was lost before it. */
export function countActions(
  before: ControlRecord,
  { window, lost, isSweep }: ControlStep,
  { account, provider }: ControlTarget,
  { now, spellings, room }: ControlBounds & { readonly now: EpochMs },
  actions: readonly ControlAction[],
): CountedActions {
  const record = lost === undefined ? before : skip(before, lost);
  // What was counted is remembered for as long as a sweep reaches back.
  const { ledger, fresh, skipped } = newRows(
    controlActions,
    record.target,
    { window, now, lookbackMs: sweepMs },
    actions,
  );
  const known = new Set(spellings);
  const streams = new Map(record.streams);
  const dropped = new Set<string>();
  let { domain } = record;
  for (const row of fresh) {
    const spelling = spellingOf(row.action, known);
    known.add(spelling);
    domain = { ...domain, actions: addAction(domain.actions, spelling, row) };
    const id: StreamId = { account, provider, domain: row.domain, appName: row.appName, stream: row.stream };
    const key = streamKey(id);
    const stream = streams.get(key);
    if (stream === undefined && streams.size - record.streams.size >= room) {
      dropped.add(key);
      continue;
    }
    const { actions: totals } = stream ?? newControlLedger(id);
    streams.set(key, { stream: id, actions: addAction(totals, spelling, row) });
  }
  if (isSweep) forgetSilent(streams, now);
  return {
    record: {
      target: ledger,
      domain,
      streams: fresh.length > 0 || isSweep ? streams : record.streams,
      sweptAt: isSweep ? now : record.sweptAt,
      appName: record.appName,
    },
    fresh,
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
  const lost = stillLost(record.target, step);
  if (lost === undefined) return record;
  const { ledger } = skipLost(record.target, lost);
  const { domain } = record;
  return { ...record, target: ledger, domain: { ...domain, gapMs: domain.gapMs + (lost.to - lost.from) } };
}

function appNameOf({ appName = '' }: ControlTarget): string {
  return appName;
}

function reachMs({ expectedDelayMs, lookbackMs }: ControlTarget): number {
  return expectedDelayMs + lookbackMs;
}
