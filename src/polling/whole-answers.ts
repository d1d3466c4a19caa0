import { type Answer, ProviderError } from '../model/answer.ts';
import { dayMs, type EpochMs, minuteMs, secondMs, type Window } from '../model/time.ts';
import { joinAnswers, looksTruncated, wasTruncated } from '../model/truncation.ts';
import { createWindowSpans } from './window-spans.ts';

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

/** Options of `listWhole`. */
export interface WholeAnswersOptions<Target> {
  /** Receives each window whose halves contain more rows than its answer. */
  readonly onTruncated?: (key: string, target: Target, window: Window) => void;
  /**
   * Returns the length in ms from which a window with a too large response is not split, because the next requests
   * are shorter instead: the rows of its parts would all be counted at once. By default, every window is split.
   */
  readonly maxSplitMs?: (target: Target) => number;
  /** Returns the monotonic time in ms. By default, the length of the parts of a window never grows again. */
  readonly elapsed?: () => number;
}

/** Length in ms up to which a window is not split. */
const minSplitMs = 2 * minuteMs;
/** Overlap in ms of the halves on each side, because a provider can exclude the ends of a window. */
const overlapMs = secondMs;

/**
 * Time in ms after which longer parts are tried again. A busy domain is requested in parts at each rescan, so this
 * is longer than the hour between two rescans.
 */
const partsGrowAfterMs = dayMs;

export const truncatedWarning =
  'the provider returns too many rows for one response: some rows may be missing';

/**
 * Wraps `list` as `request`, so that neither a truncated nor a too large answer loses rows: both halves of its window are
 * requested instead. After a too large response, the windows of the target are requested in parts at once. If even
 * a window of two minutes looks truncated, its answer gets a warning; if its response is too large, the request
 * fails.
 */
export function listWhole<Target, Row>(
  list: ListRows<Target, Row>,
  { at, periodMs }: RowTimes<Row>,
  options: WholeAnswersOptions<Target> = {},
) {
  const { onTruncated, maxSplitMs = () => Number.POSITIVE_INFINITY, elapsed = () => 0 } = options;
  const partSpans = createWindowSpans(elapsed, partsGrowAfterMs);

  async function request(
    key: string,
    target: Target,
    window: Window,
    signal: AbortSignal,
  ): Promise<Answer<Row>> {
    const lengthMs = window.to - window.from;
    const isSplittable = lengthMs > minSplitMs && lengthMs < maxSplitMs(target);
    if (isSplittable && lengthMs > partSpans.spanMs(key, minSplitMs, Infinity) + 2 * overlapMs) {
      return requestHalves(key, target, window, signal);
    }
    let answer: Answer<Row>;
    try {
      answer = await list(target, window, signal);
    } catch (error) {
      if (!isSplittable || !(error instanceof ProviderError) || !error.isTooLarge) throw error;
      partSpans.shrink(key, lengthMs, minSplitMs);
      return requestHalves(key, target, window, signal);
    }
    partSpans.grow(key, maxSplitMs(target));
    if (!looksTruncated(answer, window, at, periodMs())) return answer;
    if (lengthMs <= minSplitMs) return { ...answer, warnings: [...answer.warnings, truncatedWarning] };
    const joined = await requestHalves(key, target, window, signal);
    // Otherwise the answer was whole. Samples that are late also leave the end of the window empty.
    if (wasTruncated(answer, joined, at, periodMs())) onTruncated?.(key, target, window);
    return joined;
  }

  async function requestHalves(
    key: string,
    target: Target,
    { from, to }: Window,
    signal: AbortSignal,
  ): Promise<Answer<Row>> {
    const middle = Math.floor((from + to) / 2 / secondMs) * secondMs;
    const first = await request(key, target, { from, to: middle + overlapMs }, signal);
    const second = await request(key, target, { from: middle - overlapMs, to }, signal);
    return joinAnswers(first, second, middle, at);
  }

  return {
    request,
    /** Forgets the length of the parts that a target needs. */
    forget: partSpans.remove,
  };
}
