import { type EpochMs, hourMs, minuteMs, secondMs } from './time.ts';

/** Cached UTC offsets in ms, by minute and time zone. */
const offsets = new Map<string, number>();
const maxOffsets = 10_000;

/**
 * Returns the UTC offset of the time zone at `at`, in ms, positive east of Greenwich. Caches offsets per
 * minute, because Intl takes microseconds and the schedule of each stream needs an offset. Time zones change
 * their offset only at whole minutes.
 */
export function zoneOffsetMs(timeZone: string, at: EpochMs): number {
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

/**
 * Formats the UTC offset of the time zone at `at` with Intl and parses the text. Returns the offset in ms.
 * The text is `GMT`, `GMT+05:30` or, for times before 1972, `GMT-00:44:30`.
 */
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
