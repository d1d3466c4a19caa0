import type { HeldAction } from '../metrics/control/action-rows.ts';
import { controlLeftZero, pushLeftZero } from '../model/saved-record.ts';
import type { InSlices } from '../model/slices.ts';
import { pushTargetKeyOf } from '../model/target.ts';
import type { RecordCache } from '../polling/record-cache.ts';

/** Maximum number of actions of one domain whose releases are put into its record in one step. */
const maxPart = 2000;

/**
 * Creates the queue of counters that the zero hold has released. The zero hold keeps each new counter at 0
 * until every known scraper has received the 0. The release is the moment from which the counter may show its
 * real value. It must be saved before the counter leaves 0. The first scrape after a start can release all
 * counters at once, so the queue does not save them during the scrape but with the next flush. `onFailed` receives the
 * error of each release that could not be put into its record, which is a bug; the next call tries again.
 */
export function createZeroRelease(
  cache: RecordCache,
  inSlices: InSlices,
  onFailed: (error: unknown) => void,
) {
  const pushes: (readonly string[])[] = [];
  const actions: (readonly HeldAction[])[] = [];

  // Read the record again, so that rows that were counted since the release are kept.
  const putPush = (streamKey: string) => {
    const record = cache.record(pushTargetKeyOf(streamKey));
    if (record?.question === 'push_stats') cache.put(pushLeftZero(record));
  };
  /** Saves many releases of actions of one domain together, because each change copies its record. */
  const putActions = ([targetKey, released]: readonly [string, readonly HeldAction[]]) => {
    const record = cache.record(targetKey);
    if (record?.question === 'control_history') cache.put(controlLeftZero(record, released));
  };

  /** Does `put`. If it throws, reports the error and queues the release again, so that the counter does not stay at 0. */
  const orAgain = (put: () => void, queue: () => void) => {
    try {
      put();
    } catch (error) {
      queue();
      onFailed(error);
    }
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
      const parts = [...byTarget].flatMap(([targetKey, released]) =>
        toParts(released).map((part) => [targetKey, part] as const),
      );
      const streamKeys = pushes.splice(0).flat();
      // One part per call: a part takes longer than the items between two reads of the clock may take.
      for (const part of parts) {
        await inSlices([part], (each) =>
          orAgain(
            () => putActions(each),
            () => actions.push(each[1]),
          ),
        );
      }
      await inSlices(streamKeys, (key) =>
        orAgain(
          () => putPush(key),
          () => pushes.push([key]),
        ),
      );
    },
  };
}

/** Splits the actions of one domain, so that a domain with tens of thousands of them does not block the event loop. */
function toParts(released: readonly HeldAction[]): readonly (readonly HeldAction[])[] {
  return Array.from({ length: Math.ceil(released.length / maxPart) }, (_, i) =>
    released.slice(i * maxPart, (i + 1) * maxPart),
  );
}
