import { type EpochMs, minuteMs, secondMs, type Window } from '../../model/time.ts';

/** Time of a row. */
export interface ParsedTime {
  readonly at: EpochMs;
  /** Whether the text had no zone, so that the configured offset applied. */
  readonly naive: boolean;
}

/**
 * Parses a time in any format that Tencent is known or suspected to use: seconds or milliseconds since 1970, as a number
 * or as digits, and a wall clock time with or without a zone. Without a zone, `offsetMs` east of Greenwich applies.
 * Returns undefined for anything else, including 0. Source: cloud.tencent.com/document/product/267/9579 says "string"
 * without a format; public clients of the API family also read integers; API 3.0 changed from naive times to ISO 8601 in
 * August 2023.
 */
export function parseTime(raw: unknown, offsetMs: number): ParsedTime | undefined {
  if (typeof raw === 'number') return parseEpoch(raw);
  if (typeof raw !== 'string') return undefined;
  // Fast path of the common format, which is neither padded nor a number.
  if (raw.length === 19 && raw[4] === '-') return parseWallClock(raw, offsetMs);
  const text = raw.trim();
  return /^\d+$/.test(text) ? parseEpoch(Number(text)) : parseWallClock(text, offsetMs);
}

/** Parses seconds (ten digits) or milliseconds (thirteen digits) since 1970. */
function parseEpoch(value: number): ParsedTime | undefined {
  if (!Number.isInteger(value)) return undefined;
  if (value >= 1e9 && value < 1e10) return { at: value * secondMs, naive: false };
  if (value >= 1e12 && value < 1e13) return { at: value, naive: false };
  return undefined;
}

/**
 * Parses `YYYY-MM-DD HH:mm:ss` with an optional fraction and zone. It reads by position: a regular expression and
 * Date.parse take several times as long, and this is the most expensive step per row.
 */
function parseWallClock(text: string, offsetMs: number): ParsedTime | undefined {
  const day = parseDay(text);
  const time = parseTimeOfDay(text);
  if (day === undefined || time === undefined || (text[10] !== ' ' && text[10] !== 'T')) return undefined;
  const local = day + time;
  if (text.length === 19) return { at: local - offsetMs, naive: true };

  const [rest, fraction = '', zone] = /^(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/.exec(text.slice(19)) ?? [];
  const zoneMs = zone === undefined ? offsetMs : parseZone(zone);
  if (rest === undefined || zoneMs === undefined) return undefined;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  return { at: local + milliseconds - zoneMs, naive: zone === undefined };
}

/** Parses the date and returns its midnight in UTC. */
function parseDay(text: string): EpochMs | undefined {
  if (text[4] !== '-' || text[7] !== '-') return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  // The comparisons are false for NaN.
  if (!(month >= 1 && month <= 12 && day >= 1 && year >= 1970)) return undefined;
  const at = Date.UTC(year, month - 1, day);
  // Date.UTC converts February 30 to March 1.
  return day <= 28 || new Date(at).getUTCDate() === day ? at : undefined;
}

/** Parses the time of day and returns milliseconds after midnight. */
function parseTimeOfDay(text: string): number | undefined {
  if (text[13] !== ':' || text[16] !== ':') return undefined;
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  return (hour * 60 + minute) * minuteMs + second * secondMs;
}

/** Parses the digits from `from` to `to` (exclusive); NaN if a character is not a digit. */
function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    number = digit >= 0 && digit <= 9 ? number * 10 + digit : Number.NaN;
  }
  return number;
}

/** Parses a zone such as Z, +08:00 or -0330 and returns its offset in milliseconds. */
function parseZone(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * minuteMs;
}

/** Window of a request and time of its response. Row times far outside this range are implausible. */
export interface RequestedTime {
  readonly window: Window;
  readonly now: EpochMs;
}

/**
 * Reports whether a time without a zone is UTC: it does not match the request with the configured offset, but does
 * without one. The correct time is then `at + offsetMs`.
 */
export function isUtcInstead({ at, naive }: ParsedTime, offsetMs: number, requested: RequestedTime): boolean {
  return naive && !matches(at, requested) && matches(at + offsetMs, requested);
}

function matches(at: EpochMs, { window, now }: RequestedTime): boolean {
  return at <= now + 10 * minuteMs && at >= window.from - 5 * minuteMs && at <= window.to + 5 * minuteMs;
}
