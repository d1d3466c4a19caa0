import type { ControlBirth } from '../metrics/control/zero-held-action.ts';
import { controlLeftZero, pushLeftZero } from '../model/saved-record.ts';
import type { InPortions } from '../model/slices.ts';
import { pushTargetKeyOf } from '../model/target.ts';
import type { Keeper } from '../polling/record-cache.ts';

/**
 * Counters that were seen at 0, on their way to the records that say so. After a first start one scrape releases all that
 * there are, so what it released waits here for the next save, which is what shows it anyway.
 */
export interface Releases {
  releasePushes(streamKeys: readonly string[]): void;
  releaseActions(births: readonly ControlBirth[]): void;
  /** Has the keeper take what was released so far, a few at a time. A kill in its midst leaves the others at 0, to be seen anew. */
  handOver(): Promise<void>;
}

export function createReleases(keeper: Keeper, inPortions: InPortions): Releases {
  const pushes: (readonly string[])[] = [];
  const actions: (readonly ControlBirth[])[] = [];

  // As they are by now: what was counted meanwhile stays.
  const takePush = (streamKey: string) => {
    const record = keeper.record(pushTargetKeyOf(streamKey));
    if (record?.question === 'push_stats') keeper.take(pushLeftZero(record));
  };
  /** All of a domain at once, since its record is one. */
  const takeActions = ([targetKey, births]: readonly [string, readonly ControlBirth[]]) => {
    const record = keeper.record(targetKey);
    if (record?.question === 'control_history') keeper.take(controlLeftZero(record, births));
  };

  return {
    releasePushes: (streamKeys) => void pushes.push(streamKeys),
    releaseActions: (births) => void actions.push(births),
    async handOver() {
      const byTarget = Map.groupBy(actions.splice(0).flat(), ({ targetKey }) => targetKey);
      const streamKeys = pushes.splice(0).flat();
      await inPortions([...byTarget], takeActions);
      await inPortions(streamKeys, takePush);
    },
  };
}
