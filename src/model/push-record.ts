import type { AlertState } from './alert-levels.ts';
import {
  afterRecheck,
  type EmptyRanges,
  heldFloor,
  isEmptyTime,
  isInside,
  type Recheck,
  withRange,
} from './empty-ranges.ts';
import { mergeNewRows } from './match-rows.ts';
import { addGap, addSamples, newPushLedger } from './push-ledger.ts';
import { completeLedgers, type LedgerUpdate, type PushLedgers, updateLedgers } from './push-ledgers.ts';
import { isOwnSample, type PushSample, pushSamples } from './push-sample.ts';
import { confirmedAfterMs, isExpired } from './push-window.ts';
import type { HistoryLimits } from './questions.ts';
import type { CountedRows, HistoryStep, TargetRecord } from './record-kind.ts';
import { afterFloor, comparedAt, isMixed, onRoute, type Route, withoutCovered } from './route.ts';
import { emptyFrom, type Settling, settle } from './settle.ts';
import { streamKey } from './stream.ts';
import { type PushTarget, pushTargetKey, totalLookbackMs } from './target.ts';
import { newRows, newTargetLedger, skipGap, type TargetLedger, wasNeverPolled } from './target-ledger.ts';
import type { EpochMs, Window } from './time.ts';

/**
 * Saved state of one push target: its polling progress, and the ledgers (totals) of its streams. An answer
 * updates the progress and all ledgers together: a watermark without its totals would lose or repeat samples.
 */
export interface PushRecord extends TargetRecord, PushLedgers {
  readonly question: 'push_stats';
  /** Key of the target's own stream, which is the stream in its config. */
  readonly streamKey: string;
  readonly target: TargetLedger<PushSample>;
  /** Settled time without a sample of the target's own stream. undefined if there is none. */
  readonly empty?: EmptyRanges | undefined;
  /** undefined before the first answer, and in records that earlier versions saved. */
  readonly route?: Route | undefined;
  /** Alerts after the settled samples. Absent if there are none, or if the exporter posts no alerts. */
  readonly alerts?: AlertState | undefined;
}

/** Counted answer, with the samples that it made older than the floor, sorted. Settled samples are final. */
export interface CountedSamples extends CountedRows<PushSample, PushRecord> {
  readonly settled: readonly PushSample[];
  /** Whether the answer changed counted samples, or added values that they lacked. */
  readonly hasChanged: boolean;
}

/** Creates the record of a target that was never polled. Counting starts one lookback before `now`. */
export function newPushRecord(target: PushTarget, now: EpochMs): PushRecord {
  const ledger = newTargetLedger<PushSample>(now, totalLookbackMs(target));
  return {
    question: 'push_stats',
    targetKey: pushTargetKey(target),
    streamKey: streamKey(target.stream),
    frozenAt: undefined,
    target: ledger,
    push: newPushLedger(ledger.floor),
  };
}

/**
 * Restarts a record that was never polled, after a step of the wall clock. The new start is derived from
 * `now`. A restart is safe, because nothing was counted yet.
 */
export function restartPush(record: PushRecord, target: PushTarget, now: EpochMs): PushRecord {
  const { target: ledger, push } = newPushRecord(target, now);
  return { ...record, target: ledger, push: { ...push, leftZero: record.push.leftZero } };
}

/** Reports whether the target was never polled: no request has succeeded yet, and no gap was counted. */
export function wasPushNeverPolled({ target, push: { totals }, streams }: PushRecord): boolean {
  return wasNeverPolled(target) && totals.samples === 0 && totals.gapMs === 0 && streams === undefined;
}

/**
 * Counts the part of a planned gap that is later than the watermark, and restarts the target ledger at the
 * end of the gap. Empty time before the gap that is not confirmed becomes an empty range, but does not count as
 * missing. Returns the record unchanged if the watermark is already past the gap.
 */
function skip(record: PushRecord, target: PushTarget, limits: HistoryLimits, planned: Window): PushRecord {
  const skipped = skipGap(record.target, planned);
  if (skipped === undefined) return record;
  const { ledger, settled, gap } = skipped;
  let { empty } = record;
  const onEmpty = (range: Window) => {
    empty = withRange(empty, range);
  };
  const options = settling(target, limits, record.target.floor, record.route);
  const update: LedgerUpdate = (push, _added, own) => {
    if (push !== record.push) return addGap(settle(push, own, options), gap);
    const after = settle(push, own, { ...options, onEmpty });
    const from = emptyFrom(after.judged);
    if (isEmptyTime(from, gap.from, limits.periodMs)) onEmpty({ from, to: gap.from });
    return addGap(after, gap);
  };
  const ledgers = updateLedgers(record, none, settled, update);
  return { ...record, target: ledger, ...ledgers, empty };
}

/**
 * Moves the start of the next request to `at` (epoch ms), because the stream was not pushed before. The last `gapMs` of
 * the skipped time count as a gap. No-op if the watermark is later than `at`.
 */
export function skipTo(
  record: PushRecord,
  target: PushTarget,
  limits: HistoryLimits,
  { at, gapMs }: { readonly at: EpochMs; readonly gapMs: number },
): PushRecord {
  const skipped = skipGap(record.target, { from: record.target.watermark, to: at });
  if (skipped === undefined) return record;
  const { ledger, settled } = skipped;
  // Nothing was missing after the watermark: the stream was not expected to be live while it was not a target.
  const options = settling(target, limits, record.target.watermark, record.route);
  const gap = { from: at - gapMs, to: at };
  const update: LedgerUpdate = (push, _added, own) => addGap(settle(push, own, options), gap);
  return { ...record, target: ledger, ...updateLedgers(record, none, settled, update) };
}

/**
 * Counts the answer to the request `step`, which was sent at `now` (wall clock). First counts the gap before
 * the request window, then the samples. The new record has no alerts: `createJudgedPushRecords` adds them.
 */
export function countAnswer(
  before: PushRecord,
  { window, gap, viewFrom, confirmTo = Number.POSITIVE_INFINITY }: HistoryStep,
  target: PushTarget,
  limits: HistoryLimits,
  now: EpochMs,
  samples: readonly PushSample[],
): CountedSamples {
  const routed = onRoute(before, limits.operation);
  const gapless = gap === undefined ? routed : skip(routed, target, limits, gap);
  // Only a request that covers the empty time at the floor can confirm it.
  const { floor } = gapless.target;
  const isCovered = window.from <= floor || isExpired(floor, limits, now);
  const confirmedTo = isCovered
    ? Math.min(window.to, confirmTo, now - confirmedAfterMs(target))
    : Number.NEGATIVE_INFINITY;
  const { route } = gapless;
  const inWindow =
    viewFrom === undefined ? samples : samples.filter(({ measuredAt }) => measuredAt >= window.from);
  const toCount =
    route !== undefined && isMixed(route) ? withoutCovered(inWindow, gapless.target.seen, route) : inWindow;
  const { ledger, added, completions, settled, skipped } = newRows(
    pushSamples,
    gapless.target,
    {
      window,
      now,
      lookbackMs: totalLookbackMs(target),
      holdFloor: (seen, allowed) =>
        heldFloor({
          seen,
          coveredTo: gapless.push.judged.coveredTo,
          periodMs: limits.periodMs,
          floor: allowed,
          confirmedTo,
          lookbackMs: target.lookbackMs,
        }),
    },
    toCount,
  );
  const record =
    completions.length === 0
      ? gapless
      : { ...gapless, ...completeLedgers(gapless, completions, target.expectation) };
  const counting = { expectation: target.expectation, freshness: target, now };
  let { empty } = record;
  const others = settling(target, limits, ledger.floor, route);
  const options: Settling = {
    to: others.to,
    expectation: others.expectation,
    periodMs: others.periodMs,
    staleAfterMs: others.staleAfterMs,
    isMixed: others.isMixed,
    nextFrom: startOfFirst(ledger.seen),
    onEmpty: (range) => {
      empty = withRange(empty, range);
    },
  };
  const update: LedgerUpdate = (ofStream, ownAdded, ownSettled) =>
    settle(addSamples(ofStream, ownAdded, counting), ownSettled, ofStream === record.push ? options : others);
  const { push, streams } = updateLedgers(record, added, settled, update);
  // List the fields one by one: a spread of this large object would take a tenth of the time of counting.
  const { question, targetKey, streamKey: key, frozenAt } = record;
  return {
    record: {
      question,
      targetKey,
      streamKey: key,
      frozenAt,
      target: ledger,
      push,
      streams,
      empty,
      route: afterFloor(route, ledger.floor, empty),
    },
    added,
    settled,
    hasChanged: completions.length > 0 || skipped.changed > 0,
    skipped,
    newStreams: noStreams,
  };
}

const none: readonly PushSample[] = [];
const noStreams: readonly string[] = [];

/**
 * Counts the answer to a recheck of empty ranges, which was requested at `now` (wall clock). Samples inside the
 * ranges were never counted. Other samples of the answer are known. The samples count as backfilled, but missing
 * time and sessions stay as they were counted: a counter cannot decrease.
 */
export function countRecheck(
  record: PushRecord,
  recheck: Recheck,
  target: PushTarget,
  limits: HistoryLimits,
  now: EpochMs,
  samples: readonly PushSample[],
): PushRecord {
  const { empty, push, route } = record;
  if (empty === undefined) return record;
  const at = (sample: PushSample) => comparedAt(sample, route, limits.operation);
  const inside = samples.filter((sample) => isOwnSample(sample) && isInside(empty.ranges, at(sample)));
  const { added } = mergeNewRows(pushSamples, none, inside);
  return {
    ...record,
    push: addSamples(push, added, { expectation: target.expectation, freshness: target, now }),
    empty: afterRecheck(empty, recheck, added, limits.periodMs),
  };
}

/** Returns the start of the time that the first sample of the target's own stream covers. */
function startOfFirst(seen: readonly PushSample[]): EpochMs | undefined {
  const first = seen.find(isOwnSample);
  return first && first.measuredAt - first.periodMs;
}

function settling(
  { expectation, staleAfterMs }: PushTarget,
  { periodMs }: HistoryLimits,
  to: EpochMs,
  route: Route | undefined,
) {
  return { to, expectation, periodMs, staleAfterMs, isMixed: isMixed(route) };
}
