import { ProviderError } from '../model/answer.ts';
import { nextRecheck } from '../model/empty-ranges.ts';
import { countRecheck } from '../model/push-record.ts';
import { pushRecords } from '../model/saved-record.ts';
import type { EpochMs } from '../model/time.ts';
import type { PushPollTarget, PushRunParts } from './push-history.ts';

/**
 * Number of regular requests per recheck request. Keeps the rechecks under 5 % of all requests, also if the budget
 * is too small for all targets.
 */
const requestsPerRecheck = 25;

/** Maximum number of rechecks that a period without due rechecks saves up. */
const maxSaved = 4;

/**
 * Creates the function that requests empty ranges of a target again if a recheck is due and the share of rechecks
 * allows it. Call the function after each regular request. A failed recheck is repeated later and is no failure
 * of the target.
 */
export function createRecheck({ source, cache }: Pick<PushRunParts, 'source' | 'cache'>) {
  /** Number of rechecks that are allowed now. */
  let allowed = 0;

  return async ({ key, target }: PushPollTarget, now: EpochMs, signal: AbortSignal): Promise<void> => {
    allowed = Math.min(maxSaved, allowed + 1 / requestsPerRecheck);
    if (allowed < 1) return;
    const { limits } = source();
    const recordOf = () => pushRecords.read(cache.record(key));
    const empty = recordOf()?.empty;
    const recheck = empty && nextRecheck(empty, now, limits);
    if (recheck === undefined) return;
    allowed--;
    try {
      const { items } = await source().listPushSamples(target.stream, recheck.window, signal);
      // Read the record again, because the zero hold can have released its counters during the request.
      const record = recordOf();
      if (record === undefined) return;
      cache.put(countRecheck(record, recheck, target, limits, now, items));
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
    }
  };
}
