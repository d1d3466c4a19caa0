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

/**
 * Ledgers of a push target. An answer updates both or none: a watermark without its totals would lose or
 * repeat samples.
 */
export interface PushRecord {
  readonly target: TargetLedger<PushSample>;
  readonly push: PushLedger;
}

export interface CountedAnswer {
  readonly record: PushRecord;
  readonly added: readonly PushSample[];
  readonly skipped: SkippedRows;
}

/** Creates the record of a target that was never polled. */
export function newPushRecord(target: PushTarget, now: EpochMs): PushRecord {
  const ledger = newTargetLedger<PushSample>(now, totalLookbackMs(target));
  return { target: ledger, push: newPushLedger(ledger.floor) };
}

/** Restarts a record that was never polled, after a backward clock step. Safe, because nothing was counted. */
export function restartPush({ push }: PushRecord, target: PushTarget, now: EpochMs): PushRecord {
  const record = newPushRecord(target, now);
  return { ...record, push: { ...record.push, leftZero: push.leftZero } };
}

/**
 * Resumes the record of a target that returns to the config. Its first answer makes the time between a gap.
 */
export function resumePush(
  { target: ledger, push }: PushRecord,
  target: PushTarget,
  now: EpochMs,
): PushRecord {
  return { target: resumeLedger(ledger, now, totalLookbackMs(target)), push };
}

/** Reports whether no request has succeeded yet and no gap was counted. */
export function wasPushNeverPolled({ target, push }: PushRecord): boolean {
  return wasNeverPolled(target) && push.totals.samples === 0 && push.totals.gapMs === 0;
}

/** Plans the next request. */
export function nextStep(
  progress: PollProgress,
  target: PushTarget,
  limits: HistoryLimits,
  now: EpochMs,
): HistoryStep {
  const { spanMs, retentionMs } = limits;
  return nextWindow(progress, now, { spanMs, retentionMs, lookbackMs: totalLookbackMs(target) });
}

/** Counts the rest of a planned gap and restarts the target ledger behind it. */
function skip(record: PushRecord, target: PushTarget, limits: HistoryLimits, planned: Window): PushRecord {
  const gap = remainingGap(record.target, planned);
  if (gap === undefined) return record;
  const { ledger, settled } = skipGap(record.target, gap);
  const push = settle(record.push, settled, settling(target, limits, gap.from));
  return { target: ledger, push: addGap(push, gap) };
}

/** Counts the answer to `step`, requested at `now`: first the gap before its window, then the samples. */
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
    { window, now, lookbackMs: totalLookbackMs(target) },
    samples,
  );
  const counted = addSamples(record.push, added, {
    expectation: target.expectation,
    freshFrom: now - freshMs(target),
  });
  const push = settle(counted, settled, settling(target, limits, ledger.floor));
  return { record: { target: ledger, push }, added, skipped };
}

/** Returns the overlap of a window before the watermark, which includes the expected delay. */
function totalLookbackMs({ expectedDelayMs, lookbackMs }: PushTarget): number {
  return expectedDelayMs + lookbackMs;
}

/** Returns the maximum age at which a sample is fresh when it is requested. */
export function freshMs({ expectedDelayMs, staleAfterMs }: PushTarget): number {
  return expectedDelayMs + staleAfterMs;
}

function settling({ expectation, staleAfterMs }: PushTarget, { periodMs }: HistoryLimits, to: EpochMs) {
  return { to, expectation, periodMs, silentAfterMs: staleAfterMs };
}
