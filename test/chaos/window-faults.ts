import { hashText } from '../../src/simulator/world/random.ts';
import { type WindowKind, windowKinds } from './faults.ts';

/** Longest window in ms that the provider answers for streams with the fault `long_504` or `too_large`. */
export const maxWindowMs = 60 * 60_000;

/** Maximum number of rows in a response for streams with the fault `oldest_cut` or `newest_cut`. */
export const maxRows = 1_000;

/** Size of a response that is too large for the exporter, in bytes: its limit is 1 MiB. */
export const tooLargeBytes = 17 * 1024 * 1024;

/** Length in ms of the requested window of push history, and the fault of its stream. */
export interface WindowRequest {
  readonly windowMs: number;
  readonly kind: WindowKind;
}

/**
 * Returns the window fault of the stream in a request for push history; undefined for another request. Each stream
 * always has the same fault, so that a repeated request fails again.
 */
export function readWindowRequest(url: string): WindowRequest | undefined {
  const query = new URL(url, 'http://x').searchParams;
  const stream = query.get('Param.s.stream_id');
  const windowMs = 1_000 * (Number(query.get('Param.n.end_time')) - Number(query.get('Param.n.start_time')));
  const kind = windowKinds[hashText(`${stream} window`) % windowKinds.length];
  return stream === null || kind === undefined ? undefined : { windowMs, kind };
}

/** Removes the oldest or the newest rows of a response beyond `maxRows`; undefined if there are no more rows. */
export function cutRows(body: string, kind: 'oldest_cut' | 'newest_cut', max = maxRows): string | undefined {
  const envelope: unknown = JSON.parse(body);
  let isCut = false;
  const cut = (value: unknown): unknown => {
    if (typeof value === 'string' && value.startsWith('{')) return JSON.stringify(cut(JSON.parse(value)));
    if (Array.isArray(value)) {
      if (!value.some(hasTime)) return value.map(cut);
      const rows = value.toSorted((a, b) => (String(a.time) < String(b.time) ? -1 : 1));
      if (rows.length <= max) return value;
      isCut = true;
      return kind === 'newest_cut' ? rows.slice(0, max) : rows.slice(-max);
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cut(inner)]));
  };
  const text = JSON.stringify(cut(envelope));
  return isCut ? text : undefined;
}

function hasTime(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'time' in value;
}
