import { dayMs, hourMs, minuteMs, secondMs } from '../model/time.ts';

/** In this order, each at most once: `1h30m`, `500ms`. */
export const durationPattern = /^(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/;

const durationUnits: readonly (readonly [unit: string, ms: number])[] = [
  ['d', dayMs],
  ['h', hourMs],
  ['m', minuteMs],
  ['s', secondMs],
  ['ms', 1],
];

/** Milliseconds; undefined where the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const parts = durationPattern.exec(text)?.slice(1);
  return parts
    ?.map((part, i) => Number.parseInt(part ?? '0', 10) * (durationUnits[i]?.[1] ?? 0))
    .reduce((sum, ms) => sum + ms, 0);
}

/** As an operator would write it: `1h30m`. */
export function toDurationText(durationMs: number): string {
  let restMs = durationMs;
  let text = '';
  for (const [unit, ms] of durationUnits) {
    const count = Math.floor(restMs / ms);
    if (count > 0) text += `${count}${unit}`;
    restMs -= count * ms;
  }
  return text === '' ? '0s' : text;
}

/** A bare number is none: nobody can see whether it means bits or kilobits. */
export const bitratePattern = /^\d+(\.\d+)?(bit|kbit|Mbit|Gbit)$/;

const bitsOf: Readonly<Record<string, number>> = { bit: 1, kbit: 1e3, Mbit: 1e6, Gbit: 1e9 };

/** Whole bits per second; undefined where the text is no bit rate. */
export function parseBitrate(text: string): number | undefined {
  const unit = bitratePattern.exec(text)?.[2];
  const bits = unit === undefined ? undefined : bitsOf[unit];
  return bits === undefined ? undefined : Math.round(Number.parseFloat(text) * bits);
}

/** What the earth has: from -12:00 to +14:00. */
export const zoneOffsetPattern = /^(-(0\d|1[01]):[0-5]\d|-12:00|\+(0\d|1[0-3]):[0-5]\d|\+14:00)$/;

/** East of Greenwich is positive; undefined where the text is no offset such as `+08:00`. */
export function parseZoneOffset(text: string): number | undefined {
  if (!zoneOffsetPattern.test(text)) return undefined;
  const size = Number(text.slice(1, 3)) * hourMs + Number(text.slice(4)) * minuteMs;
  return text.startsWith('-') && size > 0 ? -size : size;
}

/** Until 24:00, which is the end of a day. */
export const clockTimePattern = /^(([01]?\d|2[0-3]):[0-5]\d|24:00)$/;

/** Minutes after midnight; undefined where the text is no time such as `09:00`. */
export function parseClockTime(text: string): number | undefined {
  if (!clockTimePattern.test(text)) return undefined;
  const [hours, minutes] = text.split(':');
  return Number(hours) * 60 + Number(minutes);
}

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const someDays = `(${dayNames.join('|')})(-(${dayNames.join('|')}))?`;

/** Days and stretches of days, with commas: `mon-fri`, `sat,sun`, `fri-mon`. */
export const daysPattern = new RegExp(`^${someDays}( *, *${someDays})*$`);

/** Sunday is 0, each day once, in order; undefined where the text names no days. */
export function parseDays(text: string): readonly number[] | undefined {
  if (!daysPattern.test(text)) return undefined;
  const days = text.split(',').flatMap((part) => {
    const [first = '', last = first] = part.trim().split('-');
    return stretchOfDays(dayNames.indexOf(first), dayNames.indexOf(last));
  });
  return [...new Set(days)].sort((a, b) => a - b);
}

/** Over the end of the week where the last day comes before the first. */
function stretchOfDays(first: number, last: number): readonly number[] {
  const count = ((last - first + 7) % 7) + 1;
  return Array.from({ length: count }, (_, i) => (first + i) % 7);
}

/** Only names that exist are kept, so that no input makes it large. */
const knownZones = new Set<string>();

/** Whether this Node knows the IANA time zone. An offset such as `+08:00` is none: it has no summer time. */
export function isTimeZone(name: string): boolean {
  if (knownZones.has(name)) return true;
  const known = /^[A-Za-z]/.test(name) && intlKnows(name);
  if (known) knownZones.add(name);
  return known;
}

function intlKnows(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone }) !== undefined;
  } catch {
    return false;
  }
}
