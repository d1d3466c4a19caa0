import type { Answer } from './answer.ts';
import { type EpochMs, secondMs, type Window } from './time.ts';

/** Smallest number of rows at which a provider can plausibly truncate an answer. */
const minCap = 100;

/**
 * Share of the window that must lack rows at its start or end before samples look truncated. A stream that starts or
 * stops in the window also lacks rows, so the number of rows must be suspicious as well.
 */
const minMissingShare = 0.05;

/** Longest time in ms that can lack rows at the start or end of a window. Shorter than the default lookback. */
const maxMissingMs = 30 * secondMs;

/**
 * Reports whether an answer to `window` was probably truncated: its number of rows is a round number, as a limit
 * of a provider would be, and samples (rows with a period) leave the start or the end of the window empty. No API
 * document describes such a limit, but a truncated answer must never pass as complete.
 */
export function looksTruncated<Row>(
  { items, malformed }: Answer<Row>,
  window: Window,
  at: (row: Row) => EpochMs,
  periodMs: number,
): boolean {
  const count = items.length + malformed;
  if (count < minCap || !(count % 100 === 0 || (count & (count - 1)) === 0)) return false;
  if (periodMs === 0) return true;
  const { oldest, newest } = extentOf(items, at);
  const shareMs = minMissingShare * (window.to - window.from);
  const missingMs = Math.max(2 * periodMs, Math.min(shareMs, maxMissingMs));
  return oldest - window.from > missingMs || window.to - newest > missingMs;
}

/**
 * Reports whether an answer that looked truncated was so: the answers to both halves of its window, `joined`,
 * contain what it lacks. Samples that only appeared meanwhile do not count: they are at most two periods
 * newer.
 */
export function wasTruncated<Row>(
  { items }: Answer<Row>,
  joined: Answer<Row>,
  at: (row: Row) => EpochMs,
  periodMs: number,
): boolean {
  if (joined.items.length <= items.length) return false;
  if (periodMs === 0) return true;
  const before = extentOf(items, at);
  const after = extentOf(joined.items, at);
  return Math.max(before.oldest - after.oldest, after.newest - before.newest) > 2 * periodMs;
}

function extentOf<Row>(rows: readonly Row[], at: (row: Row) => EpochMs) {
  let oldest = Number.POSITIVE_INFINITY;
  let newest = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    oldest = Math.min(oldest, at(row));
    newest = Math.max(newest, at(row));
  }
  return { oldest, newest };
}

/** Combines the answers to two windows that overlap around `middle` (epoch ms). */
export function joinAnswers<Row>(
  first: Answer<Row>,
  second: Answer<Row>,
  middle: EpochMs,
  at: (row: Row) => EpochMs,
): Answer<Row> {
  return {
    // Both answers contain the rows around `middle`, so take each row from one answer only.
    items: [
      ...first.items.filter((row) => at(row) <= middle),
      ...second.items.filter((row) => at(row) > middle),
    ],
    malformed: first.malformed + second.malformed,
    malformedUpTo: malformedUpTo(first, second),
    warnings: [...new Set([...first.warnings, ...second.warnings])],
  };
}

/** Returns the time of the newest unreadable row of two answers; undefined if the time of a row is not known. */
function malformedUpTo(first: Answer<unknown>, second: Answer<unknown>): EpochMs | undefined {
  const times = [first, second]
    .filter(({ malformed }) => malformed > 0)
    .map((answer) => answer.malformedUpTo);
  return times.length === 0 || times.includes(undefined) ? undefined : Math.max(...times.map(Number));
}
