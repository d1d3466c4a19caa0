import type { Request, RequestHandler } from 'express';
import type { StreamsQuery, StreamsView } from '../status/stream-view.ts';
import { toJson } from './json.ts';
import { defaultStreamsPerResponse, maxStreamsPerResponse } from './limits.ts';
import type { Rendering } from './rendering.ts';

const badCursor = 'cursor: expected next_cursor of an earlier response, or nothing for the first page';

/**
 * Creates the handler that returns one page of the streams. `limit` is the size of the page. With `cursor`,
 * the pages are in the order of the stream keys, and each one contains the cursor of the next. With `offset`,
 * they are in the order of the config. `streams` resolves with undefined if the cursor is invalid.
 */
export function createStreamsHandler(
  streams: (query: StreamsQuery) => Promise<StreamsView | undefined>,
  rendering: Rendering,
): RequestHandler {
  return async (request, response) => {
    const fail = (error: string) => {
      response.set('Cache-Control', 'no-store').status(400).json({ error });
    };
    const query = parseQuery(request.query);
    if (typeof query === 'string') {
      fail(query);
      return;
    }
    await rendering.respond(response, 'json', async (inSlices) => {
      if (response.closed) return undefined;
      const view = await streams(query);
      if (view !== undefined) return toJson(view, inSlices);
      fail(badCursor);
      return undefined;
    });
  };
}

/** Returns the parsed query, or an error message for the client. */
function parseQuery(query: Request['query']): StreamsQuery | string {
  const { offset, cursor, limit = String(defaultStreamsPerResponse), ...unknown } = query;
  if (Object.keys(unknown).length > 0) return 'unknown query parameter (supported: limit, cursor, offset)';
  if (!isInteger(limit) || Number(limit) < 1 || Number(limit) > maxStreamsPerResponse) {
    return `limit: expected an integer from 1 to ${maxStreamsPerResponse}`;
  }
  const size = { limit: Number(limit) };
  if (cursor === undefined) {
    if (offset !== undefined && !isInteger(offset)) return 'offset: expected a non-negative integer';
    return { ...size, from: { offset: Number(offset ?? 0) } };
  }
  if (offset !== undefined) return 'cursor and offset: expected only one of them';
  return typeof cursor === 'string' ? { ...size, from: { cursor } } : badCursor;
}

/**
 * Reports whether a query parameter was sent exactly once and is a non-negative integer of at most nine
 * digits.
 */
function isInteger(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,9}$/.test(value);
}
