import type { Expectation } from '../../model/expectation.ts';
import { isDue, type Schedule } from '../../model/live-schedule.ts';
import type { PushTarget } from '../../model/target.ts';
import type { EpochMs } from '../../model/time.ts';
import type { RowId, SeriesTable } from '../table/series-table.ts';
import { expectationFamilies, type streamTexts } from './push-families.ts';

/** Series of the config: labels and expectation of each stream. */
export interface ExpectationRows {
  set(row: RowId, target: PushTarget): void;
  /** Forgets the schedule of a row that is freed. */
  remove(row: RowId): void;
  /** Evaluates the schedules at `now`. */
  expire(now: EpochMs): void;
}

/** Row whose schedule has slots. */
interface ScheduledRow {
  readonly expectation: Expectation;
  readonly schedule: Schedule;
  /** Exposed result of the schedule; undefined before the first `expire`. */
  isDue: boolean | undefined;
}

/** Adds the expectation families to `table`. */
export function createExpectationRows(table: SeriesTable<keyof typeof streamTexts>): ExpectationRows {
  const setRow = table.addFamilies(expectationFamilies);
  const scheduledRows = new Map<RowId, ScheduledRow>();
  /** Interned schedules by their JSON: many streams share one. */
  const schedules = new Map<string, Schedule>();
  /** Results at `evaluatedAt`, one per schedule, because time zones are slow. */
  const results = new Map<Schedule, boolean>();
  let evaluatedAt: EpochMs | undefined;

  const intern = (schedule: Schedule): Schedule => {
    const json = JSON.stringify(schedule);
    const interned = schedules.get(json) ?? schedule;
    schedules.set(json, interned);
    return interned;
  };

  const evaluate = (schedule: Schedule): boolean | undefined => {
    if (evaluatedAt === undefined) return undefined;
    const result = results.get(schedule) ?? isDue(schedule, evaluatedAt);
    results.set(schedule, result);
    return result;
  };

  return {
    set(row, { labels, expectation }) {
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
    remove: (row) => void scheduledRows.delete(row),
    expire(now) {
      evaluatedAt = now;
      results.clear();
      for (const [row, scheduled] of scheduledRows) {
        const result = evaluate(scheduled.schedule);
        if (result === scheduled.isDue) continue;
        scheduled.isDue = result;
        setRow(row, scheduled);
      }
    },
  };
}
