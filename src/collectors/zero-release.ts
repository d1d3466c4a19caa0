import type { HeldAction } from '../metrics/control/action-rows.ts';
import { controlLeftZero, pushLeftZero } from '../model/saved-record.ts';
import type { InSlices } from '../model/slices.ts';
import { pushTargetKeyOf } from '../model/target.ts';
import type { RecordCache } from '../polling/record-cache.ts';

/**
 * Creates the queue of counters that the zero hold has released, on their way to the records, which must save the release
 * before the value is exposed. The first scrape after a start can release all counters at once, so they wait for the next
 * flush.
 */
export function createZeroRelease(cache: RecordCache, inSlices: InSlices) {
  const pushes: (readonly string[])[] = [];
  const actions: (readonly HeldAction[])[] = [];

  // Reads the record of this moment: what was counted meanwhile stays.
  const putPush = (streamKey: string) => {
    const record = cache.record(pushTargetKeyOf(streamKey));
    if (record?.question === 'push_stats') cache.put(pushLeftZero(record));
  };
  /** Releases all actions of one domain at once, because one record holds them. */
  const putActions = ([targetKey, released]: readonly [string, readonly HeldAction[]]) => {
    const record = cache.record(targetKey);
    if (record?.question === 'control_history') cache.put(controlLeftZero(record, released));
  };

  return {
    releasePushes: (streamKeys: readonly string[]) => void pushes.push(streamKeys),
    releaseActions: (released: readonly HeldAction[]) => void actions.push(released),
    /**
     * Puts the releases so far into the records, in slices. After kill -9 in between, the others are held at 0
     * again.
     */
    async apply(): Promise<void> {
      const byTarget = Map.groupBy(actions.splice(0).flat(), ({ targetKey }) => targetKey);
      const streamKeys = pushes.splice(0).flat();
      await inSlices([...byTarget], putActions);
      await inSlices(streamKeys, putPush);
    },
  };
}
