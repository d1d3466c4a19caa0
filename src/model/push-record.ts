import { addGap, addSamples, newPushLedger, type PushLedger, settle } from './push-ledger.ts';
import { type PushSample, pushSamples } from './push-sample.ts';
import type { HistoryLimits } from './questions.ts';
import type { HistoryStep } from './record-kind.ts';
import type { PushTarget } from './target.ts';
import {
  newRows,
  newTargetLedger,
  nextWindow,
  type PollProgress,
  remainingGap,
  resumeLedger,
  type SkippedRows,
  skipGap,
  type TargetLedger,
  wasNeverPolled,
} from './target-ledger.ts';
import type { EpochMs, Window } from './time.ts';

/** Both ledgers of a push target, moved on together: a watermark without its totals would lose samples or count them twice. */
export interface PushRecord {
  readonly target: TargetLedger<PushSample>;
  readonly push: PushLedger;
}

export interface CountedAnswer {
  readonly record: PushRecord;
  readonly added: readonly PushSample[];
  readonly skipped: SkippedRows;
}

/** The record of a target that was never asked. */
export function newPushRecord(target: PushTarget, now: EpochMs): PushRecord {
  const ledger = newTargetLedger<PushSample>(now, reachMs(target));
  return { target: ledger, push: newPushLedger(ledger.floor) };
}

/** The same for a record that a clock began which was ahead: nothing was ever asked, so nothing can be counted twice. */
export function restartPush({ push }: PushRecord, target: PushTarget, now: EpochMs): PushRecord {
  const record = newPushRecord(target, now);
  return { ...record, push: { ...record.push, leftZero: push.leftZero } };
}

/**
 * The record of a target that comes back after no config named it for a while: its totals go on, and the time between,
 * of which nobody asked, is a gap once an answer comes.
 */
export function resumePush(
  { target: ledger, push }: PushRecord,
  target: PushTarget,
  now: EpochMs,
): PushRecord {
  return { target: resumeLedger(ledger, now, reachMs(target)), push };
}

/** Whether nothing was ever asked with success, nor given up. */
export function wasPushNeverPolled({ target, push }: PushRecord): boolean {
  return wasNeverPolled(target) && push.totals.samples === 0 && push.totals.gapMs === 0;
}

export function nextStep(
  progress: PollProgress,
  target: PushTarget,
  limits: HistoryLimits,
  now: EpochMs,
): HistoryStep {
  const { spanMs, retentionMs } = limits;
  return nextWindow(progress, now, { spanMs, retentionMs, lookbackMs: reachMs(target) });
}

function skip(record: PushRecord, target: PushTarget, limits: HistoryLimits, step: Window): PushRecord {
  const gap = remainingGap(record.target, step);
  if (gap === undefined) return record;
  const { ledger, settled } = skipGap(record.target, gap);
  const push = settle(record.push, settled, settling(target, limits, gap.from));
  return { target: ledger, push: addGap(push, gap) };
}

/** Counts the answer to the step's window, asked at `now`, and first the time that was gap before it. */
export function countAnswer(
  before: PushRecord,
  { window, gap }: HistoryStep,
  target: PushTarget,
  limits: HistoryLimits,
  now: EpochMs,
  samples: readonly PushSample[],
): CountedAnswer {
  const record = gap === undefined ? before : skip(before, target, limits, gap);
  const { ledger, added, settled, skipped } = newRows(
    pushSamples,
    record.target,
    { window, now, lookbackMs: reachMs(target) },
    samples,
  );
  const pushed = addSamples(record.push, added, {
    expectation: target.expectation,
    freshFrom: now - freshMs(target),
  });
  const push = settle(pushed, settled, settling(target, limits, ledger.floor));
  return { record: { target: ledger, push }, added, skipped };
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
