import { type EpochMs, minuteMs, secondMs, type Window } from '../../model/time.ts';

/** The moment of a row, and whether its text had no zone, so that one had to be assumed. */
export interface ReadTime {
  readonly at: EpochMs;
  readonly naive: boolean;
}

/**
 * Every spelling that Tencent is known or suspected to use. Its pages say "string" and give no format
 * (cloud.tencent.com/document/product/267/9579); public clients of the same family read integers too, and its API 3.0
 * went from naive times to ISO 8601 in August 2023. So: whole seconds or milliseconds since 1970, as a number or as
 * digits; a wall clock with a zone; one without, which is read at `offsetMs` east of Greenwich. undefined: no time,
 * as is 0.
 */
export function parseTime(raw: unknown, offsetMs: number): ReadTime | undefined {
  if (typeof raw === 'number') return parseEpoch(raw);
  if (typeof raw !== 'string') return undefined;
  // The usual spelling, of which one look tells that it is neither padded nor a number.
  if (raw.length === 19 && raw[4] === '-') return parseWallClock(raw, offsetMs);
  const text = raw.trim();
  return /^\d+$/.test(text) ? parseEpoch(Number(text)) : parseWallClock(text, offsetMs);
}

/** Ten digits are seconds, thirteen are milliseconds. */
function parseEpoch(value: number): ReadTime | undefined {
  if (!Number.isInteger(value)) return undefined;
  if (value >= 1e9 && value < 1e10) return { at: value * secondMs, naive: false };
  if (value >= 1e12 && value < 1e13) return { at: value, naive: false };
  return undefined;
}

/**
 * `YYYY-MM-DD HH:mm:ss`, then a fraction, a zone, both or neither. By position rather than by one pattern and
 * Date.parse, which take several times as long: of all that is done with a row this is the most.
 */
function parseWallClock(text: string, offsetMs: number): ReadTime | undefined {
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

/** The midnight in UTC that begins the day at the start of `text`. */
function parseDay(text: string): EpochMs | undefined {
  if (text[4] !== '-' || text[7] !== '-') return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  // Put so that NaN is refused.
  if (!(month >= 1 && month <= 12 && day >= 1 && year >= 1970)) return undefined;
  const at = Date.UTC(year, month - 1, day);
  // Date.UTC takes the 30th of February for the 1st of March.
  return day <= 28 || new Date(at).getUTCDate() === day ? at : undefined;
}

/** The milliseconds after midnight of the time in `text`. */
function parseTimeOfDay(text: string): number | undefined {
  if (text[13] !== ':' || text[16] !== ':') return undefined;
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  return (hour * 60 + minute) * minuteMs + second * secondMs;
}

/** The number that stands there; NaN where one of them is no digit. */
function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    number = digit >= 0 && digit <= 9 ? number * 10 + digit : Number.NaN;
  }
  return number;
}

/** Such as Z, +08:00 or -0330. */
function parseZone(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * minuteMs;
}

/** What the answer was asked for, and when: what its times must fit. */
export interface Asked {
  readonly window: Window;
  readonly now: EpochMs;
}

/**
 * Whether a time without a zone was UTC after all: it does not fit what was asked for at the configured offset, and
 * does at none. Then it is `offsetMs` later than it was read.
 */
export function isUtcAfterAll({ at, naive }: ReadTime, offsetMs: number, asked: Asked): boolean {
  return naive && !fits(at, asked) && fits(at + offsetMs, asked);
}

function fits(at: EpochMs, { window, now }: Asked): boolean {
  return at <= now + 10 * minuteMs && at >= window.from - 5 * minuteMs && at <= window.to + 5 * minuteMs;
}
