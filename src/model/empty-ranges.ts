import type { PushSample } from './push-sample.ts';
import { retentionMarginMs } from './target-ledger.ts';
import { type EpochMs, hourMs, secondMs, type Window } from './time.ts';

/**
 * Time ranges in which no sample of a stream was counted although the provider answered. A provider can deliver
 * the samples of such a range hours later, so the ranges are requested again (rechecked) at growing ages. A
 * sample that a recheck finds inside a range was certainly never counted.
 */
export interface EmptyRanges {
  /**
   * The ranges in order of time, without overlap. `from` is exclusive: a sample at `from` was counted. `to` is
   * inclusive: the next counted sample covers only the time after `to`.
   */
  readonly ranges: readonly Window[];
  /**
   * For each recheck (by index in `recheckAgesMs`): time up to which the recheck has covered the ranges (epoch
   * ms). Missing for rechecks that have not run yet.
   */
  readonly recheckedTo: readonly EpochMs[];
}

/** Ranges of one recheck request. */
export interface Recheck {
  readonly window: Window;
  /** Index of the recheck in `recheckAgesMs`. */
  readonly index: number;
}

/**
 * Ages in ms at which an empty range is requested again, in exponential steps. Younger ranges need no recheck:
 * regular requests cover them (see `heldFloor`).
 */
const recheckAgesMs = [1, 4, 16, 64, 256].map((hours) => hours * hourMs);

/**
 * Maximum number of ranges per stream. Bounds memory and the size of a saved record, because a flapping stream
 * creates a range every few seconds. The oldest ranges are dropped first.
 */
const maxRanges = 100;

/** Reports whether the time between two samples is empty. Up to half a period is jitter of the sample times. */
export function isEmptyTime(from: EpochMs, to: EpochMs, periodMs: number): boolean {
  return to - from > periodMs / 2;
}

/** Input of `heldFloor`. */
export interface HeldFloor {
  /** Known samples of the stream that are not settled yet, in order of time. */
  readonly seen: readonly PushSample[];
  /** End of the time that settled samples cover (epoch ms). */
  readonly coveredTo: EpochMs;
  readonly periodMs: number;
  /** The floor that the lookback alone allows (epoch ms). */
  readonly floor: EpochMs;
  /** Empty time before `confirmedTo` is confirmed: enough requests have found it empty (epoch ms). */
  readonly confirmedTo: EpochMs;
  /** Time in ms before the newest sample in which further samples can still appear. */
  readonly lookbackMs: number;
}

/**
 * Returns the floor of the next request, which is the start of its window. Normally the floor follows the
 * watermark at the distance of the lookback. Empty time holds the floor back, so that each regular request
 * covers the empty time again until the time is confirmed: a late provider looks like a silent stream at first.
 */
export function heldFloor({ seen, coveredTo, periodMs, floor, confirmedTo, lookbackMs }: HeldFloor): EpochMs {
  let covered = coveredTo;
  for (const sample of seen) {
    if (sample.stream !== undefined) continue;
    const from = sample.measuredAt - sample.periodMs;
    if (isEmptyTime(covered, from, periodMs) && from > confirmedTo) {
      return Math.min(floor, Math.max(confirmedTo, covered));
    }
    covered = Math.max(covered, sample.measuredAt);
    if (covered >= floor) break;
  }
  // No sample follows. Samples can still appear within the lookback before the newest sample.
  return Math.min(floor, Math.max(confirmedTo, covered - (covered < floor ? lookbackMs : 0)));
}

/** Appends a range that is later than all known ranges, or extends the last range. */
export function withRange(empty: EmptyRanges | undefined, { from, to }: Window): EmptyRanges {
  const { ranges, recheckedTo } = empty ?? { ranges: [], recheckedTo: [] };
  const last = ranges.at(-1);
  if (last !== undefined && from <= last.to) {
    return { ranges: [...ranges.slice(0, -1), { from: last.from, to: Math.max(to, last.to) }], recheckedTo };
  }
  return { ranges: [...ranges.slice(Math.max(0, ranges.length + 1 - maxRanges)), { from, to }], recheckedTo };
}

/**
 * Returns the next recheck that is due at `now` (wall clock), or undefined. One request covers as many ranges
 * as its span allows, so a recheck waits until it can request a full span, or until it is overdue by its own age.
 */
export function nextRecheck(
  { ranges, recheckedTo }: EmptyRanges,
  now: EpochMs,
  { spanMs, retentionMs }: { readonly spanMs: number; readonly retentionMs: number },
): Recheck | undefined {
  const oldest = now - retentionMs + retentionMarginMs;
  for (const [index, ageMs] of recheckAgesMs.entries()) {
    const dueTo = now - ageMs;
    const doneTo = Math.max(recheckedTo[index] ?? oldest, oldest);
    const first = ranges.find(({ to }) => to > doneTo);
    if (first === undefined) continue;
    const from = Math.floor(Math.max(first.from, doneTo) / secondMs) * secondMs;
    if (dueTo - from < Math.min(spanMs, ageMs)) continue;
    const to = Math.min(from + spanMs, dueTo);
    const last = ranges.findLast((range) => range.from < to);
    return { window: { from, to: Math.min(to, Math.ceil((last ?? first).to / secondMs) * secondMs) }, index };
  }
  return undefined;
}

/**
 * Returns the ranges after a recheck that found `samples` (in order of time), which cover a part of the
 * ranges.
 */
export function afterRecheck(
  { ranges, recheckedTo }: EmptyRanges,
  { window, index }: Recheck,
  samples: readonly PushSample[],
  periodMs: number,
): EmptyRanges {
  const done = recheckedTo.slice();
  for (let i = done.length; i < index; i++) done.push(0);
  done[index] = window.to;
  if (samples.length === 0) return { ranges, recheckedTo: done };
  return { ranges: ranges.flatMap((range) => withoutSamples(range, samples, periodMs)), recheckedTo: done };
}

/** Reports whether a time is inside one of the ranges. */
export function isInside(ranges: readonly Window[], at: EpochMs): boolean {
  return ranges.some(({ from, to }) => at > from && at <= to);
}

/** Returns the parts of a range that the samples do not cover. */
function withoutSamples({ from, to }: Window, samples: readonly PushSample[], periodMs: number): Window[] {
  const parts: Window[] = [];
  let covered = from;
  for (const sample of samples) {
    const start = sample.measuredAt - sample.periodMs;
    if (sample.measuredAt <= from || start >= to) continue;
    if (isEmptyTime(covered, start, periodMs)) parts.push({ from: covered, to: start });
    covered = Math.min(sample.measuredAt, to);
  }
  if (covered === from || isEmptyTime(covered, to, periodMs)) parts.push({ from: covered, to });
  return parts;
}
