import type { Request, RequestHandler } from 'express';
import { maxStreamsPerAnswer, streamsPerAnswer } from './limits.ts';
import type { StreamsQuery } from './ports.ts';

export function createStatusHandler(status: () => object): RequestHandler {
  return (_request, response) => {
    response.set('Cache-Control', 'no-store').json(status());
  };
}

/** Streams in the order of the config, which stays the same from page to page, by `limit` and `offset`. */
export function createStreamsHandler(streams: (query: StreamsQuery) => object): RequestHandler {
  return (request, response) => {
    response.set('Cache-Control', 'no-store');
    const query = parseQuery(request.query);
    if (typeof query === 'string') response.status(400).json({ error: query });
    else response.json(streams({ ...query, worstFirst: false }));
  };
}

/** Or what is wrong with it. */
function parseQuery(query: Request['query']): { readonly offset: number; readonly limit: number } | string {
  const { offset = '0', limit = String(streamsPerAnswer), ...others } = query;
  if (Object.keys(others).length > 0) return 'unknown parameter; there are limit and offset';
  if (!isWholeNumber(limit) || Number(limit) < 1 || Number(limit) > maxStreamsPerAnswer) {
    return `limit: expected one whole number from 1 to ${maxStreamsPerAnswer}`;
  }
  if (!isWholeNumber(offset)) return 'offset: expected one whole number from 0 on';
  return { offset: Number(offset), limit: Number(limit) };
}

/** Of at most nine digits: more streams than that there are not. */
function isWholeNumber(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,9}$/.test(value);
}
