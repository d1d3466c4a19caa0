import { dayMs, hourMs, minuteMs, secondMs } from '../model/time.ts';

/**
 * Pattern of a duration, such as `1h30m` or `500ms`. Each unit from days to milliseconds can occur at most
 * once, in this order.
 */
export const durationPattern = /^(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/;

const durationUnits: readonly (readonly [unit: string, ms: number])[] = [
  ['d', dayMs],
  ['h', hourMs],
  ['m', minuteMs],
  ['s', secondMs],
  ['ms', 1],
];

/**
 * Parses a duration such as `1h30m` into milliseconds; undefined if the text is not a duration, or if a
 * number cannot represent its milliseconds exactly.
 */
export function parseDuration(text: string): number | undefined {
  const parts = durationPattern.exec(text)?.slice(1);
  const durationMs = parts
    ?.map((part, i) => Number.parseInt(part ?? '0', 10) * (durationUnits[i]?.[1] ?? 0))
    .reduce((sum, ms) => sum + ms, 0);
  return Number.isSafeInteger(durationMs) ? durationMs : undefined;
}

/** Formats milliseconds as a duration that `parseDuration` accepts, such as `1h30m`. */
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

/**
 * Pattern of a bit rate, such as `2500kbit`. A unit is required, because a bare number could mean bits or
 * kilobits.
 */
export const bitratePattern = /^\d+(\.\d+)?(bit|kbit|Mbit|Gbit)$/;

const bitsOf: Readonly<Record<string, number>> = { bit: 1, kbit: 1e3, Mbit: 1e6, Gbit: 1e9 };

/**
 * Parses a bit rate such as `2500kbit` into whole bits per second; undefined if the text is not a bit rate.
 */
export function parseBitrate(text: string): number | undefined {
  const unit = bitratePattern.exec(text)?.[2];
  const bits = unit === undefined ? undefined : bitsOf[unit];
  return bits === undefined ? undefined : Math.round(Number.parseFloat(text) * bits);
}

/**
 * Formats a bit rate without loss: as `2500kbit`, or as `1234567bit` if the rate is not a whole number of
 * kilobits.
 */
export function toBitrateText(bitsPerSecond: number): string {
  return bitsPerSecond % 1_000 === 0 ? `${bitsPerSecond / 1_000}kbit` : `${bitsPerSecond}bit`;
}

/** Parses a percentage into a ratio: `60%` becomes 0.6. Returns undefined if the text is not a percentage. */
export function parsePercent(text: string): number | undefined {
  const [, amount] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) / 100;
}

/** Pattern of a time of day, such as `09:00`. The latest is `24:00`, which means the end of the day. */
export const clockTimePattern = /^(([01]?\d|2[0-3]):[0-5]\d|24:00)$/;

/**
 * Parses a time of day such as `09:00` into minutes after midnight; undefined if the text is not a time of
 * day.
 */
export function parseClockTime(text: string): number | undefined {
  if (!clockTimePattern.test(text)) return undefined;
  const [hours, minutes] = text.split(':');
  return Number(hours) * 60 + Number(minutes);
}

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const dayRange = `(${dayNames.join('|')})(-(${dayNames.join('|')}))?`;

/** Pattern of days and ranges of days, separated by commas, such as `mon-fri`, `sat,sun` or `fri-mon`. */
export const daysPattern = new RegExp(`^${dayRange}( *, *${dayRange})*$`);

/**
 * Parses days of the week, such as `mon-fri`, into a sorted list of numbers without duplicates. Sunday is 0.
 * Returns undefined if the text does not match `daysPattern`.
 */
export function parseDays(text: string): readonly number[] | undefined {
  if (!daysPattern.test(text)) return undefined;
  const days = text.split(',').flatMap((part) => {
    const [first = '', last = first] = part.trim().split('-');
    return daysBetween(dayNames.indexOf(first), dayNames.indexOf(last));
  });
  return [...new Set(days)].sort((a, b) => a - b);
}

/**
 * Returns the numbers of all days from `first` to `last`. If `first` comes after `last`, the range continues
 * in the next week.
 */
function daysBetween(first: number, last: number): readonly number[] {
  const count = ((last - first + 7) % 7) + 1;
  return Array.from({ length: count }, (_, i) => (first + i) % 7);
}

/** Formats a number of things, such as `1 stream` or `2 streams`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
