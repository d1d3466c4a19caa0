import type { Request, RequestHandler } from 'express';
import type { StreamsQuery, StreamsView } from '../status/stream-view.ts';
import { defaultStreamsPerResponse, maxStreamsPerResponse } from './limits.ts';

/**
 * Creates the handler that returns one page of the streams, in the order of the config. The parameters
 * `limit` and `offset` select the page.
 */
export function createStreamsHandler(streams: (query: StreamsQuery) => StreamsView): RequestHandler {
  return (request, response) => {
    response.set('Cache-Control', 'no-store');
    const query = parseQuery(request.query);
    if (typeof query === 'string') response.status(400).json({ error: query });
    else response.json(streams(query));
  };
}

/** Returns the parsed query, or an error message for the client. */
function parseQuery(query: Request['query']): StreamsQuery | string {
  const { offset = '0', limit = String(defaultStreamsPerResponse), ...unknown } = query;
  if (Object.keys(unknown).length > 0) return 'unknown query parameter (supported: limit, offset)';
  if (!isInteger(limit) || Number(limit) < 1 || Number(limit) > maxStreamsPerResponse) {
    return `limit: expected an integer from 1 to ${maxStreamsPerResponse}`;
  }
  if (!isInteger(offset)) return 'offset: expected a non-negative integer';
  return { offset: Number(offset), limit: Number(limit), worstFirst: false };
}

/**
 * Reports whether a query parameter was sent exactly once and is a non-negative integer of at most nine
 * digits.
 */
function isInteger(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,9}$/.test(value);
}
