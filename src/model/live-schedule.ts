import { dayMs, type EpochMs, minuteMs, type Window } from './time.ts';
import { zoneOffsetMs } from './time-zone.ts';

/** Time range that repeats on some days of the week, in the local time of a time zone. */
export interface ScheduleSlot {
  /** Days on which the slot starts. Sunday is 0, as in Date.getDay(). */
  readonly days: readonly number[];
  /** Start of the slot, in minutes after midnight. */
  readonly fromMinute: number;
  /**
   * End of the slot, in minutes after midnight. If `toMinute` is not greater than `fromMinute`, the slot ends
   * on the next day.
   */
  readonly toMinute: number;
  /** Time zone in a form that Intl accepts: Asia/Shanghai, UTC or +08:00. */
  readonly timeZone: string;
}

/** When a stream is expected to be live (due): true for always, false for never, or only within the slots. */
export type Schedule = boolean | readonly ScheduleSlot[];

/**
 * Reports whether the schedule expects the stream to be live at `at`. Slots are in local time. So a slot in
 * the hour that daylight saving time skips does not occur on that day, and a slot in the hour that is
 * repeated occurs twice.
 */
export function isDue(schedule: Schedule, at: EpochMs): boolean {
  return typeof schedule === 'boolean' ? schedule : dueMs(schedule, at, at + 1) > 0;
}

/**
 * Returns the time between `from` and `to` in which the schedule expects the stream to be live, in whole
 * milliseconds. Time in overlapping slots counts once.
 */
export function dueMs(schedule: Schedule, from: EpochMs, to: EpochMs): number {
  if (typeof schedule === 'boolean') return schedule ? Math.max(0, to - from) : 0;
  return lengthOfUnion(schedule.flatMap((slot) => dueWindows(slot, { from, to })));
}

/** Returns the times in `window` in which the schedule expects the stream to be live, in order and apart. */
export function dueTimes(schedule: Schedule, window: Window): readonly Window[] {
  if (typeof schedule === 'boolean') return schedule && window.from < window.to ? [window] : [];
  const times: { from: EpochMs; to: EpochMs }[] = [];
  for (const { from, to } of schedule
    .flatMap((slot) => dueWindows(slot, window))
    .toSorted((a, b) => a.from - b.from)) {
    const last = times.at(-1);
    if (last === undefined || from > last.to) times.push({ from, to });
    else last.to = Math.max(last.to, to);
  }
  return times;
}

/** Longest time in ms for which `dueSince` looks back: the slots repeat every week. */
const maxSinceMs = 8 * dayMs;

/**
 * Returns the start of the time without interruption for which the schedule has expected the stream to be
 * live at `at`, or undefined if it does not expect so. Returns -Infinity if the time is longer than a week.
 */
export function dueSince(schedule: Schedule, at: EpochMs): EpochMs | undefined {
  if (typeof schedule === 'boolean') return schedule ? Number.NEGATIVE_INFINITY : undefined;
  const window = { from: at - maxSinceMs, to: at + 1 };
  let since = at + 1;
  for (const { from, to } of schedule
    .flatMap((slot) => dueWindows(slot, window))
    .toSorted((a, b) => b.to - a.to)) {
    if (to >= since) since = Math.min(since, from);
  }
  if (since > at) return undefined;
  return since <= window.from ? Number.NEGATIVE_INFINITY : since;
}

function dueWindows(slot: ScheduleSlot, window: Window): readonly Window[] {
  return splitAtOffsetChanges(slot.timeZone, window).flatMap(({ from, to, offsetMs }) =>
    slotInLocalTime(slot, { from: from + offsetMs, to: to + offsetMs }).map((local) => ({
      from: local.from - offsetMs,
      to: local.to - offsetMs,
    })),
  );
}

/**
 * Returns the occurrences of the slot that overlap `local`, cut to `local`. Local times are epoch ms, as if
 * the time zone were UTC.
 */
function slotInLocalTime({ days, fromMinute, toMinute }: ScheduleSlot, local: Window): readonly Window[] {
  const lengthMs = (toMinute - fromMinute) * minuteMs + (toMinute <= fromMinute ? dayMs : 0);
  const parts: Window[] = [];
  // Start with the day before `local`, because a slot that starts on that day can end after midnight.
  for (let day = Math.floor(local.from / dayMs) - 1; day * dayMs < local.to; day++) {
    if (!days.includes(new Date(day * dayMs).getUTCDay())) continue;
    const startsAt = day * dayMs + fromMinute * minuteMs;
    const part = { from: Math.max(startsAt, local.from), to: Math.min(startsAt + lengthMs, local.to) };
    if (part.from < part.to) parts.push(part);
  }
  return parts;
}

function lengthOfUnion(windows: readonly Window[]): number {
  let total = 0;
  let countedTo = Number.NEGATIVE_INFINITY;
  for (const { from, to } of windows.toSorted((a, b) => a.from - b.from)) {
    total += Math.max(0, to - Math.max(from, countedTo));
    countedTo = Math.max(countedTo, to);
  }
  return total;
}

/** Time range in which the UTC offset of a time zone is constant. */
interface OffsetWindow extends Window {
  readonly offsetMs: number;
}

/** Splits `window` at the times when the UTC offset of the time zone changes. */
function splitAtOffsetChanges(timeZone: string, window: Window): readonly OffsetWindow[] {
  const windows: OffsetWindow[] = [];
  for (let from = window.from; from < window.to; ) {
    const offsetMs = zoneOffsetMs(timeZone, from);
    const to = Math.min(window.to, nextOffsetChange(timeZone, from, offsetMs));
    windows.push({ from, to, offsetMs });
    from = to;
  }
  return windows;
}

/**
 * Returns the next time after `from` at which the UTC offset is not `offsetMs`, found by binary search. If
 * the offset does not change within a day, returns the time one day after `from`. No time zone changes its
 * offset twice in a day.
 */
function nextOffsetChange(timeZone: string, from: EpochMs, offsetMs: number): EpochMs {
  let same = Math.floor(from / minuteMs);
  let end = same + dayMs / minuteMs;
  if (zoneOffsetMs(timeZone, end * minuteMs) === offsetMs) return end * minuteMs;
  while (end - same > 1) {
    const middle = Math.floor((same + end) / 2);
    if (zoneOffsetMs(timeZone, middle * minuteMs) === offsetMs) same = middle;
    else end = middle;
  }
  return end * minuteMs;
}
