import { zoneOffsetMs } from '../model/time-zone.ts';
import { didYouMean } from './did-you-mean.ts';

/**
 * Pattern of a time zone: `UTC`, a UTC offset in use (from -12:00 to +14:00), or a name of the form
 * Region/City. `Etc/GMT+8` is not accepted, because it means -08:00.
 */
export const timeZonePattern =
  /^(UTC|-(0\d|1[01]):[0-5]\d|-12:00|\+(0\d|1[0-3]):[0-5]\d|\+14:00|(?!Etc\/GMT|SystemV\/)[A-Za-z]+\/[A-Za-z0-9_+/-]+)$/;

/** Description of an accepted time zone, for error texts. */
const expected = 'expected a time zone, such as "Asia/Shanghai", "UTC" or "+08:00"';

/**
 * Names of time zones that Node has already accepted. Invalid names are not stored, so that no input can make
 * the set grow without limit.
 */
const knownZones = new Set<string>();

/**
 * Reports whether `name` is a time zone that Node knows, in one of the forms of `timeZonePattern`. Node also
 * knows names such as CST and PRC, which are rejected: CST is America/Chicago for Node, but China Standard
 * Time for an operator in China.
 */
export function isTimeZone(name: string): boolean {
  if (knownZones.has(name)) return true;
  if (!timeZonePattern.test(name)) return false;
  try {
    Intl.DateTimeFormat('en-US', { timeZone: name });
  } catch {
    return false;
  }
  knownZones.add(name);
  return true;
}

/**
 * Returns the UTC offset of a time zone without daylight saving time, in milliseconds, positive east of
 * Greenwich; undefined for any other text. In a zone with daylight saving time, one hour a year occurs twice,
 * so a time without a zone would be ambiguous.
 */
export function parseFixedOffset(text: string): number | undefined {
  if (!isTimeZone(text)) return undefined;
  const offsets = new Set(sampledMonths.map((at) => zoneOffsetMs(text, at)));
  return offsets.size === 1 ? offsets.values().next().value : undefined;
}

/**
 * First day of each month of two years, in epoch ms. Each zone with daylight saving time has two offsets at
 * these times. That includes Africa/Casablanca, whose offset differs for about a month a year, in Ramadan.
 */
const sampledMonths = Array.from({ length: 24 }, (_, month) => Date.UTC(2026, month));

/**
 * Returns the error text for a text that `isTimeZone` rejects, with the name that the operator probably
 * meant. Never contains the rejected text, because it can be a secret.
 */
export function timeZoneError(text: string): string {
  const names = suggestionsFor(text);
  if (names.length === 0) return `${expected}${didYouMean(text, Intl.supportedValuesOf('timeZone'))}`;
  const others = names.length === 1 ? 'instead' : 'instead, because the name has several meanings';
  return `${expected}; use ${names.map((name) => JSON.stringify(name)).join(' or ')} ${others}`;
}

/**
 * Returns the error text for a text that `parseFixedOffset` rejects. Never contains the rejected text,
 * because it can be a secret.
 */
export function fixedOffsetError(text: string): string {
  return isTimeZone(text)
    ? 'expected a time zone without daylight saving time, such as "Asia/Shanghai", "UTC" or "+08:00"'
    : timeZoneError(text);
}

/** Returns the accepted names for a name that is not accepted. Several names if the name is ambiguous. */
function suggestionsFor(text: string): readonly string[] {
  const [, prefix = '', sign, hours, minutes = '00'] =
    /^(Etc\/GMT|UTC|GMT)? ?([+-])(\d{1,2})(?::?([0-5]\d))?$/i.exec(text) ?? [];
  if (hours !== undefined) {
    // In names such as Etc/GMT+8, the sign is inverted.
    const isInverted = prefix.toLowerCase().startsWith('etc');
    const offset = `${(sign === '+') === isInverted ? '-' : '+'}${hours.padStart(2, '0')}:${minutes}`;
    return timeZonePattern.test(offset) ? [offset] : [];
  }
  return suggestions.get(text.trim().toLowerCase()) ?? [];
}

const china = ['Asia/Shanghai'];
const utc = ['UTC'];

/** Accepted names for common names that are not accepted, in lower case. */
const suggestions: ReadonlyMap<string, readonly string[]> = new Map([
  ['cst', ['Asia/Shanghai', 'America/Chicago']],
  ['prc', china],
  ['ctt', china],
  ['china', china],
  ['china standard time', china],
  ['beijing', china],
  ['shanghai', china],
  ['asia/beijing', china],
  ['utc', utc],
  ['gmt', utc],
  ['z', utc],
  ['zulu', utc],
  ['uct', utc],
  ['etc/gmt', utc],
  ['hkt', ['Asia/Hong_Kong']],
  ['hongkong', ['Asia/Hong_Kong']],
  ['sgt', ['Asia/Singapore']],
  ['singapore', ['Asia/Singapore']],
  ['jst', ['Asia/Tokyo']],
  ['japan', ['Asia/Tokyo']],
  ['kst', ['Asia/Seoul']],
  ['ist', ['Asia/Kolkata', 'Asia/Jerusalem', 'Europe/Dublin']],
  ['bst', ['Europe/London', 'Asia/Dhaka']],
  ['ast', ['America/Halifax', 'Asia/Riyadh']],
  ['est', ['America/New_York']],
  ['edt', ['America/New_York']],
  ['mst', ['America/Denver', 'America/Phoenix']],
  ['pst', ['America/Los_Angeles']],
  ['pdt', ['America/Los_Angeles']],
  ['cet', ['Europe/Berlin']],
  ['cest', ['Europe/Berlin']],
]);
