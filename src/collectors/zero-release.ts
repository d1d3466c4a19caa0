import type { HeldAction } from '../metrics/control/action-rows.ts';
import { controlLeftZero, pushLeftZero } from '../model/saved-record.ts';
import type { InSlices } from '../model/slices.ts';
import { pushTargetKeyOf } from '../model/target.ts';
import type { RecordCache } from '../polling/record-cache.ts';

/**
 * Counters that were seen at 0, on their way to the records that say so. After a first start one scrape releases all that
 * there are, so what it released waits here for the next save, which is what shows it anyway.
 */
export interface ZeroRelease {
  releasePushes(streamKeys: readonly string[]): void;
  releaseActions(zeroHold: readonly HeldAction[]): void;
  /** Has the keeper take what was released so far, a few at a time. A kill in its midst leaves the others at 0, to be seen anew. */
  apply(): Promise<void>;
}

export function createZeroRelease(cache: RecordCache, inSlices: InSlices): ZeroRelease {
  const pushes: (readonly string[])[] = [];
  const actions: (readonly HeldAction[])[] = [];

  // As they are by now: what was counted meanwhile stays.
  const takePush = (streamKey: string) => {
    const record = cache.record(pushTargetKeyOf(streamKey));
    if (record?.question === 'push_stats') cache.put(pushLeftZero(record));
  };
  /** All of a domain at once, since its record is one. */
  const takeActions = ([targetKey, zeroHold]: readonly [string, readonly HeldAction[]]) => {
    const record = cache.record(targetKey);
    if (record?.question === 'control_history') cache.put(controlLeftZero(record, zeroHold));
  };

  return {
    releasePushes: (streamKeys) => void pushes.push(streamKeys),
    releaseActions: (zeroHold) => void actions.push(zeroHold),
    async apply() {
      const byTarget = Map.groupBy(actions.splice(0).flat(), ({ targetKey }) => targetKey);
      const streamKeys = pushes.splice(0).flat();
      await inSlices([...byTarget], takeActions);
      await inSlices(streamKeys, takePush);
    },
  };
}
