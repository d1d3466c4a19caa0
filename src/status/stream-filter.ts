import type { StreamState } from '../model/stream-state.ts';
import type { EpochMs } from '../model/time.ts';
import type { StreamInput } from './inputs.ts';
import { type StreamStatus, toStreamStatus } from './stream-status.ts';

/** Selection of streams. A stream must meet all of it. An absent part selects all streams. */
export interface StreamFilter {
  readonly account?: string;
  readonly provider?: string;
  readonly domain?: string;
  readonly app_name?: string;
  readonly stream?: string;
  /** States of which the stream has one. */
  readonly states?: readonly StreamState[];
  /** Words that the names and labels of the stream contain, in any order, upper or lower case. */
  readonly search?: string;
}

/** Function that reports whether a stream is selected. `status` is computed by default, if it is needed. */
export type StreamMatch = (input: StreamInput, status?: StreamStatus) => boolean;

/** Creates the function that reports whether a stream is selected by a filter at `now` (wall clock). */
export function createStreamMatch(filter: StreamFilter, now: EpochMs): StreamMatch {
  const { states, search = '', account, provider, domain, app_name: appName, stream } = filter;
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const isEqual = (wanted: string | undefined, value: string) => wanted === undefined || wanted === value;
  return (input, status) => {
    const { stream: id, labels } = input.target;
    if (!isEqual(account, id.account) || !isEqual(provider, id.provider)) return false;
    if (!isEqual(domain, id.domain) || !isEqual(appName, id.appName)) return false;
    if (!isEqual(stream, id.stream)) return false;
    if (words.length > 0) {
      const values = Object.values(labels).join('\n');
      const text = `${id.stream}\n${id.account}\n${id.domain}/${id.appName}\n${values}`.toLowerCase();
      if (!words.every((word) => text.includes(word))) return false;
    }
    return states === undefined || states.includes((status ?? toStreamStatus(input, now)).state);
  };
}
