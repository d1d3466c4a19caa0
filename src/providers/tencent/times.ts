import { type EpochMs, minuteMs, secondMs } from '../../model/time.ts';

/** Time of a row in a response. */
export interface ParsedTime {
  readonly at: EpochMs;
  /** Whether the text had no time zone. In that case, `at` depends on the configured UTC offset. */
  readonly naive: boolean;
}

/**
 * Parses the time of a row, in any format that Tencent is known or suspected to use: seconds or milliseconds
 * since 1970 (as a number or as digits), or a date and time of day with or without a time zone. `offsetMs` is
 * the UTC offset in ms that applies without a time zone; east of Greenwich is positive. Returns undefined for
 * any other value, and for 0. Source: cloud.tencent.com/document/product/267/9579 says "string" without a
 * format; public clients of the API family also read integers; API 3.0 changed from times without a zone to
 * ISO 8601 in August 2023.
 */
export function parseTime(raw: unknown, offsetMs: number): ParsedTime | undefined {
  if (typeof raw === 'number') return parseEpoch(raw);
  if (typeof raw !== 'string') return undefined;
  // Fast path for the normal formats, which begin with `YYYY-`, need no trim and cannot be a number.
  const normal = raw[4] === '-' ? parseWallClock(raw, offsetMs) : undefined;
  if (normal !== undefined) return normal;
  const text = raw.trim();
  return /^\d+$/.test(text) ? parseEpoch(Number(text)) : parseWallClock(text, offsetMs);
}

/**
 * Parses a time in seconds (ten digits) or milliseconds (thirteen digits) since 1970; undefined for any other
 * number.
 */
function parseEpoch(value: number): ParsedTime | undefined {
  if (!Number.isInteger(value)) return undefined;
  if (value >= 1e9 && value < 1e10) return { at: value * secondMs, naive: false };
  if (value >= 1e12 && value < 1e13) return { at: value, naive: false };
  return undefined;
}

/**
 * Parses `YYYY-MM-DD HH:mm:ss` or `YYYY-MM-DDTHH:mm:ss`, with an optional fraction of a second and an
 * optional time zone. Returns undefined if the text has another form. Reads digits at fixed positions:
 * parsing the time is the most expensive step for each row, and a regular expression and Date.parse would
 * take several times as long.
 */
function parseWallClock(text: string, offsetMs: number): ParsedTime | undefined {
  const day = dayOf(text);
  const time = parseTimeOfDay(text);
  if (day === undefined || time === undefined || (text[10] !== ' ' && text[10] !== 'T')) return undefined;
  const local = day + time;
  if (text.length === 19) return { at: local - offsetMs, naive: true };

  const zoneAt = text[19] === '.' ? endOfDigits(text, 20) : 19;
  if (zoneAt === 20 || zoneAt > 29) return undefined;
  const naive = zoneAt === text.length;
  const zoneMs = naive ? offsetMs : parseZone(text.slice(zoneAt));
  if (zoneMs === undefined) return undefined;
  // Digits after the third are less than a millisecond.
  const fractionTo = Math.min(zoneAt, 23);
  const milliseconds = zoneAt === 19 ? 0 : digits(text, 20, fractionTo) * 10 ** (23 - fractionTo);
  return { at: local + milliseconds - zoneMs, naive };
}

/** Returns the index after the digits of `text` that begin at the index `from`. */
function endOfDigits(text: string, from: number): number {
  let end = from;
  while (end < text.length && !Number.isNaN(digits(text, end, end + 1))) end++;
  return end;
}

/** Last date that was parsed. Most rows of a response, and of the next responses, have the same date. */
let lastDay: { readonly text: string; readonly at: EpochMs } | undefined;

function dayOf(text: string): EpochMs | undefined {
  if (lastDay !== undefined && text.startsWith(lastDay.text)) return lastDay.at;
  const at = parseDay(text);
  if (at !== undefined) lastDay = { text: text.slice(0, 10), at };
  return at;
}

/**
 * Parses the date in the first ten characters. Returns midnight of that date in UTC, in epoch ms; undefined
 * if the date is invalid.
 */
function parseDay(text: string): EpochMs | undefined {
  if (text[4] !== '-' || text[7] !== '-') return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  // If a part has a character that is not a digit, its number is NaN, and every comparison with it is false.
  if (!(month >= 1 && month <= 12 && day >= 1 && year >= 1970)) return undefined;
  const at = Date.UTC(year, month - 1, day);
  // Compare the day of the month, because Date.UTC converts February 30 to a day in March.
  return day <= 28 || new Date(at).getUTCDate() === day ? at : undefined;
}

/**
 * Parses the time of day in characters 11 to 18. Returns milliseconds after midnight; undefined if the time
 * is invalid.
 */
function parseTimeOfDay(text: string): number | undefined {
  if (text[13] !== ':' || text[16] !== ':') return undefined;
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  return (hour * 60 + minute) * minuteMs + second * secondMs;
}

/**
 * Parses the digits of `text` from index `from` to index `to` (exclusive). Returns NaN if a character is not
 * a digit.
 */
function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    number = digit >= 0 && digit <= 9 ? number * 10 + digit : Number.NaN;
  }
  return number;
}

/**
 * Parses a time zone such as Z, +08:00 or -0330. Returns its UTC offset in milliseconds, positive east of
 * Greenwich; undefined for any other text, and if the hours exceed 14 or the minutes 59.
 */
function parseZone(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  if (!/^[+-]\d\d:?\d\d$/.test(zone)) return undefined;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * minuteMs;
}
