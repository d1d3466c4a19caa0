import { dayMs, type EpochMs, hourMs, minuteMs, secondMs, type Window } from './time.ts';

/** Time range of a day on some days of the week, in local time of a time zone. */
export interface ScheduleSlot {
  /** Sunday is 0, as in Date.getDay(). */
  readonly days: readonly number[];
  /** Minutes after midnight. */
  readonly fromMinute: number;
  /** Minutes after midnight. If not after `fromMinute`, the slot ends on the next day. */
  readonly toMinute: number;
  /** IANA name, such as Asia/Shanghai. */
  readonly timeZone: string;
}

/** When a stream is expected live (due): always, never, or in the slots. */
export type Schedule = boolean | readonly ScheduleSlot[];

/**
 * Reports whether the schedule expects the stream to be live at `at`, by the local time of the slot. So an
 * hour that daylight saving time skips is never due, and an hour that it repeats is due twice.
 */
export function isDue(schedule: Schedule, at: EpochMs): boolean {
  return typeof schedule === 'boolean' ? schedule : dueMs(schedule, at, at + 1) > 0;
}

/**
 * Returns the time from `from` to `to` in which the schedule expects the stream to be live, in whole
 * milliseconds. Overlapping slots count once.
 */
export function dueMs(schedule: Schedule, from: EpochMs, to: EpochMs): number {
  if (typeof schedule === 'boolean') return schedule ? Math.max(0, to - from) : 0;
  return lengthOfUnion(schedule.flatMap((slot) => dueWindows(slot, { from, to })));
}

function dueWindows(slot: ScheduleSlot, window: Window): readonly Window[] {
  return splitAtOffsetChanges(slot.timeZone, window).flatMap(({ from, to, offsetMs }) =>
    slotInLocalTime(slot, { from: from + offsetMs, to: to + offsetMs }).map((local) => ({
      from: local.from - offsetMs,
      to: local.to - offsetMs,
    })),
  );
}

/** Returns the parts of `local` within the slot. Local times are numbers as if the zone were UTC. */
function slotInLocalTime({ days, fromMinute, toMinute }: ScheduleSlot, local: Window): readonly Window[] {
  const lengthMs = (toMinute - fromMinute) * minuteMs + (toMinute <= fromMinute ? dayMs : 0);
  const parts: Window[] = [];
  // Starts at the day before, because its slot can end after midnight.
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

/** Time range with one UTC offset. */
interface OffsetWindow extends Window {
  readonly offsetMs: number;
}

/** Splits `window` where the zone's UTC offset changes. */
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
 * Returns the next change of the offset by binary search, at most a day after `from`. No zone changes twice a
 * day.
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

const offsets = new Map<string, number>();
const maxOffsets = 10_000;

/**
 * Returns the UTC offset, positive east of Greenwich. Cached per minute, because Intl takes microseconds and
 * each stream evaluates its schedule. Zones change their offset on whole minutes.
 */
function zoneOffsetMs(timeZone: string, at: EpochMs): number {
  const minute = Math.floor(at / minuteMs);
  const key = `${minute} ${timeZone}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size >= maxOffsets) offsets.clear();
  const offsetMs = formattedOffsetMs(timeZone, minute * minuteMs);
  offsets.set(key, offsetMs);
  return offsetMs;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Formats the UTC offset of the zone at `at` and parses it: `GMT`, `GMT+05:30` or, before 1972, `GMT-00:44:30`. */
function formattedOffsetMs(timeZone: string, at: EpochMs): number {
  const format =
    formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  formats.set(timeZone, format);
  const text = format.format(at);
  const [, sign, hours, minutes, seconds = 0] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  if (sign === undefined) return 0;
  const offsetMs = Number(hours) * hourMs + Number(minutes) * minuteMs + Number(seconds) * secondMs;
  return sign === '-' ? -offsetMs : offsetMs;
}
