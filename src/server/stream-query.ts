import type { Request } from 'express';
import { type StreamState, streamStates } from '../model/stream-state.ts';
import type { StreamFilter } from '../status/stream-filter.ts';

type Query = Request['query'];

const filterNames = ['account', 'provider', 'domain', 'app_name', 'stream'] as const;

/** Maximum length of a search text, in UTF-16 code units. */
export const maxSearchLength = 200;

/**
 * Returns the filter in the query parameters `state`, `search`, `account`, `provider`, `domain`, `app_name` and
 * `stream`, or an error message for the client. An empty parameter selects only streams with an empty name, except
 * that an empty `search` and an empty `state` select all streams.
 */
export function parseFilter(query: Query): StreamFilter | string {
  const filter: { -readonly [Name in keyof StreamFilter]: StreamFilter[Name] } = {};
  for (const name of filterNames) {
    const value = query[name];
    if (value === undefined) continue;
    if (typeof value !== 'string') return `${name}: expected only one value`;
    filter[name] = value;
  }
  const { state = '', search = '' } = query;
  if (typeof search !== 'string' || search.length > maxSearchLength) {
    return `search: expected one text of at most ${maxSearchLength} characters`;
  }
  if (search.trim() !== '') filter.search = search.trim();
  if (state === '') return filter;
  const states = typeof state === 'string' ? state.split(',') : [];
  if (states.length === 0 || !states.every(isState)) {
    return `state: expected one or more of ${streamStates.join(', ')}, separated by commas`;
  }
  return { ...filter, states };
}

/** Names of the query parameters that `parseFilter` reads. */
export const filterParameters: readonly string[] = [...filterNames, 'state', 'search'];

function isState(text: string): text is StreamState {
  return streamStates.some((state) => state === text);
}
