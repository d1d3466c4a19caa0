import type { HeldAction } from '../metrics/control/action-rows.ts';
import { controlLeftZero, pushLeftZero } from '../model/saved-record.ts';
import type { InSlices } from '../model/slices.ts';
import { pushTargetKeyOf } from '../model/target.ts';
import type { RecordCache } from '../polling/record-cache.ts';

/**
 * Creates the queue of counters that the zero hold has released. The zero hold keeps each new counter at 0
 * until every known scraper has received the 0. The release is the moment from which the counter may show its
 * real value. It must be saved before the counter leaves 0. The first scrape after a start can release all
 * counters at once, so the queue does not save them during the scrape but with the next flush.
 */
export function createZeroRelease(cache: RecordCache, inSlices: InSlices) {
  const pushes: (readonly string[])[] = [];
  const actions: (readonly HeldAction[])[] = [];

  // Read the record again, so that rows that were counted since the release are kept.
  const putPush = (streamKey: string) => {
    const record = cache.record(pushTargetKeyOf(streamKey));
    if (record?.question === 'push_stats') cache.put(pushLeftZero(record));
  };
  /** Saves the releases of all actions of one domain together, because they are in one record. */
  const putActions = ([targetKey, released]: readonly [string, readonly HeldAction[]]) => {
    const record = cache.record(targetKey);
    if (record?.question === 'control_history') cache.put(controlLeftZero(record, released));
  };

  return {
    /** Queues the releases of the push counters of streams. */
    releasePushes: (streamKeys: readonly string[]) => void pushes.push(streamKeys),
    /** Queues the releases of action counters. */
    releaseActions: (released: readonly HeldAction[]) => void actions.push(released),
    /**
     * Puts all queued releases into the records, in slices. If the program is killed before the next flush,
     * the releases are lost, and the counters start at 0 again under zero hold.
     */
    async apply(): Promise<void> {
      const byTarget = Map.groupBy(actions.splice(0).flat(), ({ targetKey }) => targetKey);
      const streamKeys = pushes.splice(0).flat();
      await inSlices([...byTarget], putActions);
      await inSlices(streamKeys, putPush);
    },
  };
}
