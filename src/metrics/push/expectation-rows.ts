import type { Expectation } from '../../model/expectation.ts';
import { isDue, type Schedule } from '../../model/live-schedule.ts';
import type { InSlices } from '../../model/slices.ts';
import type { PushTarget } from '../../model/target.ts';
import type { EpochMs } from '../../model/time.ts';
import type { RowId, SeriesTable } from '../table/series-table.ts';
import { expectationFamilies, type streamTexts } from './push-families.ts';

/** Stream row whose expectation contains a schedule. */
interface ScheduledRow {
  readonly expectation: Expectation;
  readonly schedule: Schedule;
  /**
   * Exposed result of the schedule: whether the stream is expected to be live; undefined before the first
   * call of `expire`.
   */
  isDue: boolean | undefined;
}

/** Adds the series that come from the config to `table`: the labels and the expectation of each stream. */
export function createExpectationRows(table: SeriesTable<keyof typeof streamTexts>) {
  const setRow = table.addFamilies(expectationFamilies);
  const scheduledRows = new Map<RowId, ScheduledRow>();
  /** Interned schedules, by their JSON: streams with equal schedules share one object. */
  const schedules = new Map<string, Schedule>();
  /**
   * Results of the schedules at `evaluatedAt`: whether a stream is expected to be live. Each schedule is
   * evaluated only once, because time zone computations are slow.
   */
  const results = new Map<Schedule, boolean>();
  /** Time of the last call of `expire` (wall clock, epoch ms); undefined before the first call. */
  let evaluatedAt: EpochMs | undefined;

  /** Returns the object that all streams with an equal schedule share. */
  const intern = (schedule: Schedule): Schedule => {
    const json = JSON.stringify(schedule);
    const interned = schedules.get(json) ?? schedule;
    schedules.set(json, interned);
    return interned;
  };

  /**
   * Returns whether the schedule expects a live stream at `evaluatedAt`; undefined before the first call of
   * `expire`.
   */
  const evaluate = (schedule: Schedule): boolean | undefined => {
    if (evaluatedAt === undefined) return undefined;
    const result = results.get(schedule) ?? isDue(schedule, evaluatedAt);
    results.set(schedule, result);
    return result;
  };

  return {
    /** Sets the labels and the expectation of a stream's row. */
    set(row: RowId, { labels, expectation }: PushTarget) {
      const { live } = expectation;
      table.setText(row, 'streamInfo', labels);
      if (typeof live !== 'object') {
        scheduledRows.delete(row);
        setRow(row, { expectation, isDue: live });
        return;
      }
      const schedule = intern(live);
      const scheduled = { expectation, schedule, isDue: evaluate(schedule) };
      scheduledRows.set(row, scheduled);
      setRow(row, scheduled);
    },
    /** Forgets the schedule of a row. Call this method when the row is freed. */
    remove: (row: RowId) => void scheduledRows.delete(row),
    /**
     * Evaluates all schedules at `now` (wall clock, epoch ms) and updates the rows whose result has changed, in
     * slices: the streams of one schedule change together.
     */
    async expire(now: EpochMs, inSlices: InSlices): Promise<void> {
      evaluatedAt = now;
      results.clear();
      // More schedules than rows: streams with others were removed, or have other ones now.
      if (schedules.size > scheduledRows.size) {
        schedules.clear();
        for (const { schedule } of scheduledRows.values()) schedules.set(JSON.stringify(schedule), schedule);
      }
      await inSlices(scheduledRows, ([row, scheduled]) => {
        const result = evaluate(scheduled.schedule);
        if (result === scheduled.isDue) return;
        scheduled.isDue = result;
        setRow(row, scheduled);
      });
    },
  };
}
