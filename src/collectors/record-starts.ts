import type { RecordKind } from '../model/record-kind.ts';
import { resumeRecord, type SavedRecord } from '../model/saved-record.ts';
import type { TargetTiming } from '../model/target.ts';
import type { Clock, EpochMs } from '../model/time.ts';
import type { HistoryTarget } from '../polling/history.ts';
import type { RecordCache } from '../polling/record-cache.ts';
import { createPendingStarts } from './pending-starts.ts';

/**
 * Creates the part that starts and resumes the records (polling progress and totals) of the targets of one
 * kind of data.
 */
export function createRecordStarts<Target extends TargetTiming, Row, Saved extends SavedRecord, Limits>(
  records: RecordKind<Target, Row, Saved, Limits>,
  cache: RecordCache,
  clock: Pick<Clock, 'elapsed'>,
) {
  const pending = createPendingStarts(clock);

  return {
    /**
     * Puts the record of a target that is added to the config into the cache; the record is new or resumed.
     * Also returns `durable`, the version of the record that series may show before the next flush: the
     * version on disk, or a new record. If a target is removed and added again between two flushes, its
     * series must not show totals that kill -9 would lose.
     */
    start({ key, target }: HistoryTarget<Target>, now: EpochMs) {
      const known = records.read(cache.record(key));
      const record = records.startOrResume(known, target, now);
      const durable =
        records.read(known && cache.durable(known)) ?? records.startOrResume(undefined, target, now);
      if (record !== known) {
        // Use the key string of the target, so that the text is in memory only once.
        cache.put({ ...record, targetKey: key });
        pending.add(key, now);
      }
      return { record, durable };
    },
    /**
     * Corrects the start of a target that has no answer yet, if the wall clock was stepped since the start.
     * Call `adjust` before each run of the target.
     */
    adjust({ key, target }: HistoryTarget<Target>, now: EpochMs): void {
      const at = pending.adjustedStart(key, now);
      if (at === undefined) return;
      const held = records.read(cache.record(key));
      if (held === undefined) return;
      if (held.target.backFrom !== undefined) cache.put(resumeRecord(held, target, at));
      else if (records.wasNeverPolled(held)) cache.put(records.restart(held, target, at));
    },
    /** Stops correcting the start of a target that has an answer or was removed. */
    remove: pending.remove,
  };
}
