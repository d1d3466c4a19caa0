import { dayMs, type EpochMs, minuteMs, type Window } from './time.ts';

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

/**
 * Whether a stream with this schedule is due at `at`: whether the slot's wall clock then shows a time within it. So an
 * hour that summer time skips is never due, and one that it repeats is due twice.
 */
export function isDue(schedule: Schedule, at: EpochMs): boolean {
  return typeof schedule === 'boolean' ? schedule : dueMs(schedule, at, at + 1) > 0;
}

/**
 * How much of the time from `from` to `to` a stream with this schedule is due, in whole milliseconds. Where slots
 * overlap, the time counts once.
 */
export function dueMs(schedule: Schedule, from: EpochMs, to: EpochMs): number {
  if (typeof schedule === 'boolean') return schedule ? Math.max(0, to - from) : 0;
  return lengthOfUnion(schedule.flatMap((slot) => dueWindows(slot, { from, to })));
}

function dueWindows(slot: ScheduleSlot, window: Window): readonly Window[] {
  return stretchesOfOneOffset(slot.timeZone, window).flatMap(({ from, to, offsetMs }) =>
    slotOnTheWall(slot, { from: from + offsetMs, to: to + offsetMs }).map((local) => ({
      from: local.from - offsetMs,
      to: local.to - offsetMs,
    })),
  );
}

/** The parts of `wall` within the slot. Wall-clock times are counted as if the zone were UTC. */
function slotOnTheWall({ days, fromMinute, toMinute }: ScheduleSlot, wall: Window): readonly Window[] {
  const lengthMs = (toMinute - fromMinute) * minuteMs + (toMinute <= fromMinute ? dayMs : 0);
  const parts: Window[] = [];
  // From the day before, whose slot may reach past midnight.
  for (let day = Math.floor(wall.from / dayMs) - 1; day * dayMs < wall.to; day++) {
    if (!days.includes(weekday(day))) continue;
    const begin = day * dayMs + fromMinute * minuteMs;
    const part = { from: Math.max(begin, wall.from), to: Math.min(begin + lengthMs, wall.to) };
    if (part.from < part.to) parts.push(part);
  }
  return parts;
}

/** Of the day that is `day` days after 1970-01-01, a Thursday. */
function weekday(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
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

interface Stretch extends Window {
  readonly offsetMs: number;
}

/** Cuts `window` where the zone's clocks are put forward or back. */
function stretchesOfOneOffset(timeZone: string, window: Window): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (let from = window.from; from < window.to; ) {
    const offsetMs = zoneOffsetMs(timeZone, from);
    const to = Math.min(window.to, sameOffsetUntil(timeZone, from, offsetMs));
    stretches.push({ from, to, offsetMs });
    from = to;
  }
  return stretches;
}

/** The next change of the offset, or about a day after `from` if there is none until then: no zone changes twice in a day. */
function sameOffsetUntil(timeZone: string, from: EpochMs, offsetMs: number): EpochMs {
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

const offsets = new Map<string, number>();
const offsetsKept = 10_000;

/**
 * East of Greenwich is positive. Remembered by the minute, because asking Intl takes microseconds and a schedule is
 * asked for every stream; zones change their offset on whole minutes.
 */
function zoneOffsetMs(timeZone: string, at: EpochMs): number {
  const minute = Math.floor(at / minuteMs);
  const key = `${minute} ${timeZone}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size >= offsetsKept) offsets.clear();
  const offsetMs = wallClockMs(timeZone, minute * minuteMs) - minute * minuteMs;
  offsets.set(key, offsetMs);
  return offsetMs;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the zone's wall clock shows at `at`, counted as if the zone were UTC. */
function wallClockMs(timeZone: string, at: EpochMs): number {
  const format = formats.get(timeZone) ?? wallClockFormat(timeZone);
  formats.set(timeZone, format);
  const shown: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of format.formatToParts(at)) shown[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function wallClockFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}
