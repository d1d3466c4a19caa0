import type { Request, RequestHandler, Response } from 'express';
import type { StreamDetail } from '../status/stream-detail.ts';
import type { StreamsQuery, StreamsView } from '../status/streams-view.ts';
import { toJson } from './json.ts';
import { defaultStreamsPerResponse, maxStreamsPerResponse } from './limits.ts';
import type { Rendering } from './rendering.ts';
import { filterParameters, parseFilter } from './stream-query.ts';

const badCursor = 'cursor: expected next_cursor of an earlier response, or nothing for the first page';

/**
 * Creates the handler that returns one page of the streams. `limit` is the size of the page. With `cursor`,
 * the pages are in the order of the stream keys, and each one contains the cursor of the next. With `offset`,
 * they are in the order of the config. The other parameters select streams, see `parseFilter`. `streams` resolves
 * with undefined if the cursor is invalid.
 */
export function createStreamsHandler(
  streams: (query: StreamsQuery) => Promise<StreamsView | undefined>,
  rendering: Rendering,
): RequestHandler {
  return async (request, response) => {
    const query = parseQuery(request.query);
    if (typeof query === 'string') {
      fail(response, 400, query);
      return;
    }
    await rendering.respond(response, 'json', async (inSlices) => {
      if (response.closed) return undefined;
      const view = await streams(query);
      if (view !== undefined) return toJson(view, inSlices);
      fail(response, 400, badCursor);
      return undefined;
    });
  };
}

/** Creates the handler that returns the stream with the key in the URL, with its last requests. */
export function createStreamHandler(
  stream: (urlKey: string) => StreamDetail | undefined,
  rendering: Rendering,
): RequestHandler<{ key: string }> {
  return async ({ params }, response) => {
    await rendering.respond(response, 'json', async (inSlices) => {
      const view = stream(params.key);
      if (view !== undefined) return toJson(view, inSlices);
      fail(response, 404, 'there is no stream with this key');
      return undefined;
    });
  };
}

function fail(response: Response, status: number, error: string): void {
  response.set('Cache-Control', 'no-store').status(status).json({ error });
}

const pageParameters = ['limit', 'cursor', 'offset'];

/** Returns the parsed query, or an error message for the client. */
function parseQuery(query: Request['query']): StreamsQuery | string {
  const { offset, cursor, limit = String(defaultStreamsPerResponse) } = query;
  const supported = [...pageParameters, ...filterParameters];
  if (!Object.keys(query).every((name) => supported.includes(name))) {
    return `unknown query parameter (supported: ${supported.join(', ')})`;
  }
  if (!isInteger(limit) || Number(limit) < 1 || Number(limit) > maxStreamsPerResponse) {
    return `limit: expected an integer from 1 to ${maxStreamsPerResponse}`;
  }
  const filter = parseFilter(query);
  if (typeof filter === 'string') return filter;
  const common = { limit: Number(limit), filter };
  if (cursor === undefined) {
    if (offset !== undefined && !isInteger(offset)) return 'offset: expected a non-negative integer';
    return { ...common, from: { offset: Number(offset ?? 0) } };
  }
  if (offset !== undefined) return 'cursor and offset: expected only one of them';
  return typeof cursor === 'string' ? { ...common, from: { cursor } } : badCursor;
}

/**
 * Reports whether a query parameter was sent exactly once and is a non-negative integer of at most nine
 * digits.
 */
function isInteger(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,9}$/.test(value);
}
