import { ProviderError } from '../../model/answer.ts';
import { adviceSuffix } from './message.ts';
import type { PageRows } from './page-total.ts';
import { oldResponseAdvice } from './requested-window.ts';

/** Window with more rows than the provider returns, and the first pages of the lists of both of its halves. */
export interface HalvedWindow {
  /** Number of rows of the whole window; undefined if it is unknown. */
  readonly total: number | undefined;
  readonly halves: readonly [PageRows, PageRows];
  /** Number of rows that the provider returns of one window. */
  readonly maxRows: number;
  readonly pageSize: number;
  /** Reports whether a row can belong to both halves, because it is at the time between them. */
  readonly isShared: (row: unknown) => boolean;
  /** Context of error messages. */
  readonly context: string;
}

/**
 * Throws a ProviderError `malformed` if the responses ignore the window: shorter windows would never have fewer rows.
 * Each half still has too many rows, and
 *
 * - both begin with the same rows. Not documented: whether the provider selects rows by their begin, their end or both,
 *   and whether it includes the ends of a window. So the halves can share rows, but those of the first half that ended
 *   in it come first. If there are none, all its rows go on, and no shorter window has fewer of them.
 * - or both have at least the total of the whole window, but not even a page of rows. A total that the provider cuts
 *   off at `maxRows` is the same for both, too, so it shows nothing.
 */
export function rejectIgnoredWindow({ total, halves, maxRows, pageSize, ...rest }: HalvedWindow): void {
  const { isShared, context } = rest;
  const [first, second] = halves;
  if (!halves.every((half) => half.rows.length > 0 && (half.total ?? maxRows) >= maxRows)) return;
  const isWholeTotal =
    total !== undefined &&
    total > maxRows &&
    halves.every((half) => half.rows.length < pageSize && (half.total ?? 0) >= total);
  const areSame = JSON.stringify(first.rows) === JSON.stringify(second.rows);
  if (!isWholeTotal && (!areSame || first.rows.every(isShared))) return;
  const text = `both halves of a window have all its rows, so the responses ignore the window${adviceSuffix(oldResponseAdvice)}`;
  throw new ProviderError('malformed', `${context}: ${text}`, { reason: 'misplaced_rows' });
}
