import type { Completion } from './duplicates.ts';
import { type Expectation, hasCondition } from './expectation.ts';
import { type Freshness, freshMs, type PushSample } from './push-sample.ts';
import { noTotals, type PushTotals } from './push-totals.ts';
import { type SettledState, settledFrom } from './settle.ts';
import { type EpochMs, secondMs, type Window } from './time.ts';

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
   * Age of the newest counted sample in ms in the answer that first contained it, or the effective delay at that time,
   * whichever is longer: so long after `newestAt`, a newer sample would have been available. undefined before the first
   * sample, and in ledgers that earlier versions saved.
   */
  readonly newestDelayMs?: number | undefined;
  /**
   * State for the totals that depend on the time order of the samples. In the state file, this field is also
   * called `judged`.
   */
  readonly judged: SettledState;
}

/** Creates the ledger of a stream that is polled from the time `since` (epoch ms) on. */
export function newPushLedger(since: EpochMs): PushLedger {
  const judged = settledFrom(since);
  return { totals: noTotals, newestAt: undefined, newestDelayMs: undefined, judged, leftZero: false };
}

/** Step in ms to which `newestDelayMs` is rounded up, so that it is the same, and takes no space, in most saved changes. */
const delayStepMs = 5 * secondMs;

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
  const { judged, leftZero, newestDelayMs: knownDelayMs } = ledger;
  const delayOf = (at: EpochMs) =>
    Math.ceil(Math.max(freshness.expectedDelayMs, now - at) / delayStepMs) * delayStepMs;
  if (added.length === 0) {
    if (ledger.newestAt === undefined || knownDelayMs !== undefined) return ledger;
    // An earlier version has saved the ledger. The sample was available at the latest now.
    return { ...ledger, newestDelayMs: delayOf(ledger.newestAt) };
  }
  const before = ledger.newestAt ?? Number.NEGATIVE_INFINITY;
  let newestAt = before;
  let backfilledMs = 0;
  for (const { measuredAt, periodMs } of added) {
    if (measuredAt < now - freshMs(freshness, periodMs)) backfilledMs += periodMs;
    if (measuredAt > newestAt) newestAt = measuredAt;
  }
  const totals = plusSamples(ledger.totals, added, expectation, { sign: 1, backfilledMs });
  const newestDelayMs = newestAt > before ? delayOf(newestAt) : (knownDelayMs ?? delayOf(newestAt));
  return { totals, newestAt, newestDelayMs, judged, leftZero };
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
  const before = completions.map((completion) => completion.before);
  const after = completions.map((completion) => completion.after);
  const without = plusSamples(ledger.totals, before, expectation, { sign: -1, backfilledMs: 0 });
  return { ...ledger, totals: plusSamples(without, after, expectation, { sign: 1, backfilledMs: 0 }) };
}

/**
 * Returns the totals with samples added (`sign` 1) or subtracted (-1). The sums are local variables, and a part of
 * the totals that does not change is shared: this runs for each answer.
 */
function plusSamples(
  totals: PushTotals,
  samples: readonly PushSample[],
  expectation: Expectation,
  { sign, backfilledMs }: { readonly sign: 1 | -1; readonly backfilledMs: number },
): PushTotals {
  let { observedMs, milliframes, bytes, badMs } = totals;
  let { fps, bitrate } = totals.measuredMs;
  let { video, audio } = totals.mediaMs;
  let { low_fps, no_video, low_bitrate, video_stall } = totals.degradedMs;
  for (const sample of samples) {
    const { periodMs, framesPerSecond, bitsPerSecond, videoMs, audioMs } = sample;
    const ms = sign * periodMs;
    observedMs += ms;
    if (framesPerSecond !== undefined) {
      fps += ms;
      milliframes += sign * Math.round(framesPerSecond * periodMs);
    }
    if (bitsPerSecond !== undefined) {
      bitrate += ms;
      bytes += sign * Math.round((bitsPerSecond * periodMs) / 8000);
    }
    if (videoMs !== undefined) video = (video ?? 0) + sign * videoMs;
    if (audioMs !== undefined) audio = (audio ?? 0) + sign * audioMs;
    const isSlow = hasCondition('low_fps', sample, expectation);
    const isDark = hasCondition('no_video', sample, expectation);
    const isThin = hasCondition('low_bitrate', sample, expectation);
    const isStalled = hasCondition('video_stall', sample, expectation);
    if (isSlow) low_fps += ms;
    if (isDark) no_video += ms;
    if (isThin) low_bitrate += ms;
    if (isStalled) video_stall += ms;
    if (isSlow || isDark || isThin || isStalled) badMs += ms;
  }
  const isSameMedia = video === totals.mediaMs.video && audio === totals.mediaMs.audio;
  return {
    samples: totals.samples + sign * samples.length,
    observedMs,
    measuredMs: { fps, bitrate },
    milliframes,
    bytes,
    mediaMs: isSameMedia ? totals.mediaMs : { video, audio },
    degradedMs: badMs === totals.badMs ? totals.degradedMs : { low_fps, no_video, low_bitrate, video_stall },
    badMs,
    missingMs: totals.missingMs,
    backfilledMs: totals.backfilledMs + backfilledMs,
    gapMs: totals.gapMs,
    sessions: totals.sessions,
    clientChanges: totals.clientChanges,
  };
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
