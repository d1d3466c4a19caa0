import { isDue, type Schedule } from '../../model/schedule.ts';
import type { EpochMs } from '../../model/time.ts';

/** Schedules with slots, evaluated once a second and once per schedule: many streams share one, and time zones are slow. */
export interface LiveSchedules {
  /** Interns a schedule: returns one object for all equal schedules. */
  intern(schedule: Schedule): Schedule;
  /** Reports whether an interned schedule expects a live stream at the last `setNow`; undefined before the first. */
  isExpected(schedule: Schedule): boolean | undefined;
  setNow(now: EpochMs): void;
}

export function createLiveSchedules(): LiveSchedules {
  /** By their JSON. */
  const interned = new Map<string, Schedule>();
  const expected = new Map<Schedule, boolean>();
  let now: EpochMs | undefined;

  return {
    intern(schedule) {
      const json = JSON.stringify(schedule);
      const known = interned.get(json) ?? schedule;
      interned.set(json, known);
      return known;
    },
    isExpected(schedule) {
      if (now === undefined) return undefined;
      const known = expected.get(schedule) ?? isDue(schedule, now);
      expected.set(schedule, known);
      return known;
    },
    setNow(at) {
      now = at;
      expected.clear();
    },
  };
}
