import type { Answer } from '../model/answer.ts';
import { type EpochMs, minuteMs, secondMs, type Window } from '../model/time.ts';
import { joinAnswers, looksTruncated } from '../model/truncation.ts';

/** Requests the rows of `target` within `window`. */
export type ListRows<Target, Row> = (
  target: Target,
  window: Window,
  signal: AbortSignal,
) => Promise<Answer<Row>>;

/** Times of the rows of one kind of data. */
export interface RowTimes<Row> {
  /** Returns when the row happened or was measured. */
  readonly at: (row: Row) => EpochMs;
  /** Returns the time that one row covers, in ms. 0 if rows are events. */
  readonly periodMs: () => number;
}

/** Length in ms up to which a window is not split. */
const minSplitMs = 2 * minuteMs;

export const truncatedWarning =
  'the provider returns too many rows for one response: some rows may be missing';

/**
 * Wraps `list` so that a truncated answer does not pass as complete: if an answer looks truncated, both halves of its
 * window are requested instead. `onTruncated` is called for each window whose halves contain more rows than its
 * answer.
 * If even a window of two minutes looks truncated, its answer gets a warning.
 */
export function listWhole<Target, Row>(
  list: ListRows<Target, Row>,
  { at, periodMs }: RowTimes<Row>,
  onTruncated?: (key: string, target: Target, window: Window) => void,
) {
  async function request(
    key: string,
    target: Target,
    window: Window,
    signal: AbortSignal,
  ): Promise<Answer<Row>> {
    const answer = await list(target, window, signal);
    if (!looksTruncated(answer, window, at, periodMs())) return answer;
    const { from, to } = window;
    if (to - from <= minSplitMs) return { ...answer, warnings: [...answer.warnings, truncatedWarning] };
    const middle = Math.floor((from + to) / 2 / secondMs) * secondMs;
    // The windows overlap by a second on each side, because a provider can exclude the ends of a window.
    const first = await request(key, target, { from, to: middle + secondMs }, signal);
    const second = await request(key, target, { from: middle - secondMs, to }, signal);
    const joined = joinAnswers(first, second, middle, at);
    // Otherwise the answer was whole. Samples that are late also leave the end of the window empty.
    if (joined.items.length > answer.items.length) onTruncated?.(key, target, window);
    return joined;
  }

  return request;
}
