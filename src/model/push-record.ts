import { addGap, addSamples, newPushLedger, type PushLedger, settle } from './push-ledger.ts';
import { type PushSample, pushSamples } from './push-sample.ts';
import type { HistoryLimits } from './questions.ts';
import type { PushTarget } from './target.ts';
import {
  type AskedTo,
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
import type { EpochMs, Window } from './time.ts';

/** Both ledgers of a push target, moved on together: a watermark without its totals would lose samples or count them twice. */
export interface PushRecord {
  readonly target: TargetLedger<PushSample>;
  readonly push: PushLedger;
}

/** What to ask a push target about next. */
export interface PushStep {
  /** Empty (from >= to) when the clock was set back behind all that can be counted. */
  readonly window: Window;
  /** Time that the provider can't be asked about any more, or in which nobody watched. */
  readonly lost: Window | undefined;
}

export interface CountedAnswer {
  readonly record: PushRecord;
  readonly fresh: readonly PushSample[];
  readonly skipped: SkippedRows;
}

/** The record of a target that was never asked. */
export function newPushRecord(target: PushTarget, now: EpochMs): PushRecord {
  const ledger = newTargetLedger<PushSample>(now, reachMs(target));
  return { target: ledger, push: newPushLedger(ledger.floor) };
}

/** The same for a record that a clock began which was ahead: nothing was ever asked, so nothing can be counted twice. */
export function beginAnew({ push }: PushRecord, target: PushTarget, now: EpochMs): PushRecord {
  const record = newPushRecord(target, now);
  return { ...record, push: { ...record.push, leftZero: push.leftZero } };
}

/**
 * The record of a target that comes back after no config named it for a while: its totals go on, and the time between,
 * of which nobody asked, is a gap once an answer comes.
 */
export function pushComesBack(
  { target: ledger, push }: PushRecord,
  target: PushTarget,
  now: EpochMs,
): PushRecord {
  return { target: comeBack(ledger, now, reachMs(target)), push };
}

/** Whether nothing was ever asked with success, nor given up. */
export function isUnasked({ target, push }: PushRecord): boolean {
  return isUntouched(target) && push.totals.samples === 0 && push.totals.gapMs === 0;
}

export function nextStep(
  askedTo: AskedTo,
  target: PushTarget,
  limits: HistoryLimits,
  now: EpochMs,
): PushStep {
  const { spanMs, retentionMs } = limits;
  return nextWindow(askedTo, now, { spanMs, retentionMs, lookbackMs: reachMs(target) });
}

function skip(record: PushRecord, target: PushTarget, limits: HistoryLimits, step: Window): PushRecord {
  const lost = stillLost(record.target, step);
  if (lost === undefined) return record;
  const { ledger, settled } = skipLost(record.target, lost);
  const push = settle(record.push, settled, settling(target, limits, lost.from));
  return { target: ledger, push: addGap(push, lost) };
}

/** Counts the answer to the step's window, asked at `now`, and first the time that was lost before it. */
export function countAnswer(
  before: PushRecord,
  { window, lost }: PushStep,
  target: PushTarget,
  limits: HistoryLimits,
  now: EpochMs,
  samples: readonly PushSample[],
): CountedAnswer {
  const record = lost === undefined ? before : skip(before, target, limits, lost);
  const { ledger, fresh, settled, skipped } = newRows(
    pushSamples,
    record.target,
    { window, now, lookbackMs: reachMs(target) },
    samples,
  );
  const added = addSamples(record.push, fresh, {
    expectation: target.expectation,
    freshFrom: now - freshMs(target),
  });
  const push = settle(added, settled, settling(target, limits, ledger.floor));
  return { record: { target: ledger, push }, fresh, skipped };
}

/** How far before the watermark a window begins. */
export function reachMs({ expectedDelayMs, lookbackMs }: PushTarget): number {
  return expectedDelayMs + lookbackMs;
}

/** How old a sample may be, when asked for, and still be shown. */
export function freshMs({ expectedDelayMs, staleAfterMs }: PushTarget): number {
  return expectedDelayMs + staleAfterMs;
}

function settling({ expectation, staleAfterMs }: PushTarget, { periodMs }: HistoryLimits, to: EpochMs) {
  return { to, expectation, periodMs, silentAfterMs: staleAfterMs };
}
