import { ProviderError } from '../model/answer.ts';
import { nextRecheck } from '../model/empty-ranges.ts';
import { countRecheck } from '../model/push-record.ts';
import type { PushHistorySource } from '../model/questions.ts';
import { pushRecords } from '../model/saved-record.ts';
import type { PushTarget } from '../model/target.ts';
import { type EpochMs, secondMs } from '../model/time.ts';
import type { HistoryTarget } from './history.ts';
import type { RecordCache } from './record-cache.ts';

/**
 * Number of regular requests per recheck request. Keeps the rechecks under 5 % of all requests, also if the budget
 * is too small for all targets.
 */
const requestsPerRecheck = 25;

/** Maximum number of rechecks that a period without due rechecks saves up. */
const maxSaved = 4;

/** Dependencies of `createRecheck`. */
export interface RecheckParts {
  /** Returns the current source. It is called for each request, because a reload can replace the source. */
  readonly source: () => PushHistorySource;
  readonly cache: RecordCache;
}

/**
 * Creates the function that requests empty ranges of a target again if a recheck is due and the share of rechecks
 * allows it. Call the function after each regular request. A failed recheck is repeated later and is no failure
 * of the target.
 */
export function createRecheck({ source, cache }: RecheckParts) {
  /** Number of rechecks that are allowed now. */
  let allowed = 0;

  return async (
    { key, target }: HistoryTarget<PushTarget>,
    now: EpochMs,
    signal: AbortSignal,
  ): Promise<void> => {
    allowed = Math.min(maxSaved, allowed + 1 / requestsPerRecheck);
    if (allowed < 1) return;
    const { limits } = source();
    const recordOf = () => pushRecords.read(cache.record(key));
    const empty = recordOf()?.empty;
    const recheck = empty && nextRecheck(empty, now, limits);
    if (recheck === undefined) return;
    allowed--;
    try {
      // One second longer on each side, because a provider can exclude the ends of a window.
      const { from, to } = recheck.window;
      const window = { from: from - secondMs, to: to + secondMs };
      const { items } = await source().listPushSamples(target.stream, window, signal);
      // Read the record again, because the zero hold can have released its counters during the request.
      const record = recordOf();
      if (record !== undefined) cache.put(countRecheck(record, recheck, target, limits, now, items));
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
    }
  };
}
