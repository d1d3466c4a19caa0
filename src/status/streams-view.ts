import type { StreamInput } from './inputs.ts';
import { toIso } from './json.ts';
import { pageAfter, pageAt } from './pages.ts';
import { createStreamMatch, type StreamFilter } from './stream-filter.ts';
import { type StreamsContext, type StreamView, toStreamViews } from './stream-view.ts';
import { parseCursor, toUrlKey } from './url-key.ts';

/** Selection of one page of the streams. */
export interface StreamsQuery {
  readonly limit: number;
  /**
   * Position of the page: a number of streams to skip in config order, or the cursor of the previous page,
   * which is empty for the first page. Pages by cursor are in the order of the stream keys.
   */
  readonly from: { readonly offset: number } | { readonly cursor: string };
  readonly filter: StreamFilter;
}

/** Response of `/api/v1/streams`. Times are ISO 8601 in UTC; null means unknown. */
export interface StreamsView {
  readonly now: string;
  /** Number of all streams that the filter selects, on this page and on the other pages. */
  readonly total: number;
  readonly limit: number;
  /** Only if the query has an offset. */
  readonly offset?: number;
  /** Cursor of the next page; null on the last page. Only if the query has a cursor. */
  readonly next_cursor?: string | null;
  readonly streams: readonly StreamView[];
}

/**
 * Returns one page of the streams. Converts only the streams of that page, so the cost of the conversion
 * depends on the page size. Resolves with undefined if the cursor of the query is invalid.
 */
export async function toStreamsView(
  streams: Iterable<StreamInput>,
  { limit, from, filter }: StreamsQuery,
  context: StreamsContext,
): Promise<StreamsView | undefined> {
  const { now, inSlices } = context;
  const isSelected = createStreamMatch(filter, now);
  if ('offset' in from) {
    const { offset } = from;
    const { inputs, total } = await pageAt(streams, isSelected, offset, limit, inSlices);
    return { now: toIso(now), total, offset, limit, streams: await toStreamViews(inputs, context) };
  }
  const after = parseCursor(from.cursor);
  if (after === undefined) return undefined;
  const { inputs, total, hasMore } = await pageAfter(streams, isSelected, after, limit, inSlices);
  const last = inputs.at(-1);
  return {
    now: toIso(now),
    total,
    limit,
    next_cursor: hasMore && last !== undefined ? toUrlKey(last.key) : null,
    streams: await toStreamViews(inputs, context),
  };
}
