import * as z from 'zod';
import {
  bitratePattern,
  clockTimePattern,
  daysPattern,
  durationPattern,
  isTimeZone,
  parseBitrate,
  parseClockTime,
  parseDays,
  parseDuration,
  parseZoneOffset,
  toDurationText,
  zoneOffsetPattern,
} from '../../text/units.ts';

/*
 * The scalar types of a config: pattern, parsed value and error text. No error text contains the value, which can be a
 * secret at the wrong key.
 */

/** Returns a schema for text that `parse` accepts, that is, does not return undefined. Editors only know `pattern`. */
function parsed<T>(
  pattern: RegExp,
  parse: (text: string) => T | undefined,
  expected: string,
  textFor: (text: string) => string = () => expected,
) {
  return z
    .string({ error: ({ input }) => (input === undefined ? undefined : expected) })
    .regex(pattern, { error: ({ input }) => textFor(String(input)) })
    .transform((text, context) => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: expected });
      return z.NEVER;
    });
}

/** Parses into milliseconds. */
export function duration(minMs: number, maxMs: number) {
  const expected = `expected a duration from ${toDurationText(minMs)} to ${toDurationText(maxMs)}, such as "30s" or "1h30m"`;
  return parsed(durationPattern, (text) => within(parseDuration(text), minMs, maxMs), expected);
}

/** Parses into bits per second. */
export function bitrate() {
  const expected = 'expected a bit rate with a unit, up to 10Gbit, such as "2500kbit" or "2.5Mbit"';
  return parsed(bitratePattern, (text) => within(parseBitrate(text), 1, 10e9), expected);
}

/** Parses into milliseconds, positive east of Greenwich. */
export function zoneOffset() {
  return parsed(zoneOffsetPattern, parseZoneOffset, 'expected a UTC offset, such as "+08:00"');
}

/** Parses into minutes after midnight, before 24:00. */
export function startTime() {
  const expected = 'expected a time of day from "00:00" to "23:59"';
  return parsed(clockTimePattern, (text) => within(parseClockTime(text), 0, 1439), expected);
}

/** Parses into minutes after midnight, up to 24:00. */
export function endTime() {
  return parsed(clockTimePattern, parseClockTime, 'expected a time of day from "00:00" to "24:00"');
}

/** Parses into days of the week, with Sunday as 0. */
export function days() {
  const expected = 'expected days of the week, such as "mon-fri" or "sat,sun"';
  const some = parsed(daysPattern, parseDays, expected);
  return z
    .union([some, z.array(some).min(1)], { error: expected })
    .transform((list) => [...new Set(list.flat())]);
}

export function timeZone() {
  return z.string().refine(isTimeZone, { error: 'expected an IANA time zone, such as "Asia/Shanghai"' });
}

/** Name of an environment variable. */
export function envName() {
  const expected = 'expected the name of an environment variable, such as "TENCENT_STAT_KEY"';
  return parsed(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/, (text) => text, expected);
}

export function filePath() {
  return z.string().min(1).max(4096);
}

/** URL for requests. It cannot contain a secret, so it can be logged. */
export function endpoint() {
  const expected = 'expected an http or https URL without user, password, query or fragment';
  return parsed(/^https?:\/\/[^?#@]+$/, (text) => urlOf(text)?.href, expected);
}

/** Returns undefined if the text is not a URL or has a user or password. */
function urlOf(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.username === '' && url.password === '' ? url : undefined;
}

/** Scheme, host and port of an API without a path. It cannot contain a secret. */
export function origin() {
  const expected = 'expected an http or https URL without path, such as "https://live.aliyuncs.com"';
  return parsed(/^https?:\/\/[^/?#@]+\/?$/, (text) => urlOf(text)?.origin, expected);
}

/** Parses into lower case, because DNS is case-insensitive. */
export function hostName() {
  return parsed(hostNamePattern, (text) => text.toLowerCase(), hostNameText(), hostNameText);
}

function hostNameText(text = ''): string {
  const expected = 'expected a host name, such as "www.example.com"';
  if (/^[a-z0-9-]+$/i.test(text)) return `${expected}, with at least one dot`;
  if (/^[\d.]+$/.test(text)) return `${expected}, not an IP address`;
  if (/[^\0-\x7f]/.test(text)) return `${expected}, in Punycode (xn--...)`;
  return `${expected}: letters, digits, dots and inner hyphens, no scheme, port or path`;
}

/** At least two labels of letters, digits and inner hyphens. The last is not a number, which would be an IP address. */
const hostNamePattern =
  /^(?=.{1,253}$)([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+(?!\d+$)[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;

/** Value of a metric label. */
export function label() {
  return z.string().min(1).max(255);
}

/** A ratio above 0, up to 1. */
export function ratio() {
  return z.number().gt(0).max(1);
}

function within(value: number | undefined, min: number, max: number): number | undefined {
  return value !== undefined && value >= min && value <= max ? value : undefined;
}

/** Returns a mapping that rejects other keys. A known key with an empty value, such as `labels:`, counts as absent. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess((input) => withoutEmpty(input, shape), z.strictObject(shape));
}

/** Returns the union of two account schemas. If the provider is invalid, the schema with the fewest errors reports. */
export function byProvider<A extends z.ZodObject, B extends z.ZodObject>(a: A, b: B) {
  const shape = { ...a.shape, ...b.shape };
  const either = z.discriminatedUnion('provider', [a, b], { unionFallback: true });
  return z.preprocess((input) => withoutEmpty(input, shape), either);
}

function withoutEmpty(input: unknown, shape: z.ZodRawShape): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const entries = Object.entries(input);
  // An unknown key stays, so that the schema reports it.
  const kept = entries.filter(([key, value]) => value !== null || !Object.hasOwn(shape, key));
  // Object.fromEntries defines own properties, so that __proto__ does not change a prototype.
  return kept.length === entries.length ? input : Object.fromEntries(kept);
}
