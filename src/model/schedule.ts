import type { EpochMs } from './time.ts';

/** Part of a day on some days of the week, by the wall clock of one time zone. */
export interface ScheduleSlot {
  /** Sunday is 0, as in Date.getDay(). */
  readonly days: readonly number[];
  /** Minutes after midnight. */
  readonly fromMinute: number;
  /** Minutes after midnight; at or before `fromMinute` it means the next day. */
  readonly toMinute: number;
  /** An IANA name, such as Asia/Shanghai. */
  readonly timeZone: string;
}

/** When a stream is due: always, never, or in the slots. */
export type Schedule = boolean | readonly ScheduleSlot[];

/** Whether a stream with this schedule is due at `at`. */
export function isDue(schedule: Schedule, at: EpochMs): boolean {
  if (typeof schedule === 'boolean') return schedule;
  throw new Error(`not built ${at}`);
}

/** How much of the time from `from` to `to` a stream with this schedule is due, in whole milliseconds. */
export function dueMs(schedule: Schedule, from: EpochMs, to: EpochMs): number {
  if (typeof schedule === 'boolean') return schedule ? Math.max(0, to - from) : 0;
  throw new Error('not built');
}
