import type { Completion } from './duplicates.ts';
import { conditions, type Expectation, hasCondition } from './expectation.ts';
import { type Freshness, freshMs, type PushSample } from './push-sample.ts';
import { noTotals, type PushTotals } from './push-totals.ts';
import { type SettledState, settledFrom } from './settle.ts';
import type { EpochMs, Window } from './time.ts';

/** Part of a push ledger that is exposed. */
export interface LedgerTotals {
  readonly totals: PushTotals;
  /**
   * Time of the newest counted sample (epoch ms by the provider's clock); undefined before the first sample.
   */
  readonly newestAt: EpochMs | undefined;
  /**
   * Whether the counters have left their zero hold. The zero hold keeps new counters at 0 until every known
   * scraper has received the 0. The release is saved before the new values are exposed.
   */
  readonly leftZero: boolean;
}

/**
 * Push ledger of one stream: its totals, and the state from which counting the next answer continues. It is
 * immutable: each answer creates a new ledger.
 */
export interface PushLedger extends LedgerTotals {
  /**
   * State for the totals that depend on the time order of the samples. In the state file, this field is also
   * called `judged`.
   */
  readonly judged: SettledState;
}

/** Creates the ledger of a stream that is polled from the time `since` (epoch ms) on. */
export function newPushLedger(since: EpochMs): PushLedger {
  return { totals: noTotals, newestAt: undefined, judged: settledFrom(since), leftZero: false };
}

/** Settings of `addSamples`. */
export interface Counting {
  readonly expectation: Expectation;
  readonly freshness: Freshness;
  /** Wall time of the request (epoch ms). */
  readonly now: EpochMs;
}

/**
 * Adds samples that were not counted before. Each sample contributes independently of all other samples, so
 * the order of the samples does not matter. The time of samples that are no longer fresh at `now` (wall clock)
 * also counts as backfilled.
 */
export function addSamples(
  ledger: PushLedger,
  added: readonly PushSample[],
  { expectation, freshness, now }: Counting,
): PushLedger {
  if (added.length === 0) return ledger;
  const totals = copyOf(ledger.totals);
  let newestAt = ledger.newestAt ?? Number.NEGATIVE_INFINITY;
  for (const sample of added) {
    const { measuredAt, periodMs } = sample;
    addSample(totals, sample, expectation, 1);
    if (measuredAt < now - freshMs(freshness, periodMs)) totals.backfilledMs += periodMs;
    if (measuredAt > newestAt) newestAt = measuredAt;
  }
  return { ...ledger, totals, newestAt };
}

/**
 * Adds values of counted samples that were unknown when the samples were counted. The samples themselves do not count
 * again.
 */
export function addValues(
  ledger: PushLedger,
  completions: readonly Completion<PushSample>[],
  expectation: Expectation,
): PushLedger {
  if (completions.length === 0) return ledger;
  const totals = copyOf(ledger.totals);
  for (const { before, after } of completions) {
    addSample(totals, before, expectation, -1);
    addSample(totals, after, expectation, 1);
  }
  return { ...ledger, totals };
}

/** Totals while samples are added. */
type OpenTotals = ReturnType<typeof copyOf>;

function copyOf(totals: PushTotals) {
  return {
    ...totals,
    measuredMs: { ...totals.measuredMs },
    mediaMs: { ...totals.mediaMs },
    degradedMs: { ...totals.degradedMs },
  };
}

/** Adds a sample to the totals, or subtracts it. */
function addSample(totals: OpenTotals, sample: PushSample, expectation: Expectation, sign: 1 | -1): void {
  const { framesPerSecond, bitsPerSecond, videoMs, audioMs } = sample;
  const ms = sign * sample.periodMs;
  totals.samples += sign;
  totals.observedMs += ms;
  if (framesPerSecond !== undefined) {
    totals.measuredMs.fps += ms;
    totals.milliframes += sign * Math.round(framesPerSecond * sample.periodMs);
  }
  if (bitsPerSecond !== undefined) {
    totals.measuredMs.bitrate += ms;
    totals.bytes += sign * Math.round((bitsPerSecond * sample.periodMs) / 8000);
  }
  if (videoMs !== undefined) totals.mediaMs.video = (totals.mediaMs.video ?? 0) + sign * videoMs;
  if (audioMs !== undefined) totals.mediaMs.audio = (totals.mediaMs.audio ?? 0) + sign * audioMs;
  let isBad = false;
  for (const condition of conditions) {
    if (!hasCondition(condition, sample, expectation)) continue;
    totals.degradedMs[condition] += ms;
    isBad = true;
  }
  if (isBad) totals.badMs += ms;
}

/**
 * Counts a gap, and restarts the settled state at the end of the gap. Nothing is known about the publishers
 * during the gap, so it adds no missing time and starts no session.
 */
export function addGap(ledger: PushLedger, gap: Window): PushLedger {
  const { followed } = ledger.judged;
  return {
    ...ledger,
    totals: { ...ledger.totals, gapMs: ledger.totals.gapMs + (gap.to - gap.from) },
    judged: { ...settledFrom(gap.to), followed },
  };
}
