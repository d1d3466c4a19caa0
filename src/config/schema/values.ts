import * as z from 'zod';
import { patternProblem } from '../../model/name-pattern.ts';
import { isMapping } from '../../text/plain-value.ts';
import {
  fixedOffsetError,
  isTimeZone,
  parseFixedOffset,
  timeZoneError,
  timeZonePattern,
} from '../../text/time-zones.ts';
import {
  bitratePattern,
  clockTimePattern,
  daysPattern,
  durationPattern,
  parseBitrate,
  parseClockTime,
  parseDays,
  parseDuration,
  toDurationText,
} from '../../text/units.ts';

/*
 * Schemas of the scalar types in a config, each with its pattern, parsed value and error text. No error text
 * contains the value, because the operator may have written a secret at the wrong key.
 */

interface ParsedType<T> {
  /** Type and limits in words, for the reference. It becomes `$comment` of the JSON Schema. */
  readonly type: string;
  /** Only for editors: it becomes part of the JSON Schema. */
  readonly pattern: RegExp;
  /** Returns undefined for an invalid text. */
  readonly parse: (text: string) => T | undefined;
  /** Error text. */
  readonly expected: string;
  /** Error text for a given text; `expected` if absent. */
  readonly textFor?: (text: string) => string;
}

/** Returns a schema for a text that `parse` accepts. */
function parsed<T>({ type, pattern, parse, expected, textFor = () => expected }: ParsedType<T>) {
  return z
    .string({ error: ({ input }) => (input === undefined ? undefined : expected) })
    .regex(pattern, { error: ({ input }) => textFor(String(input)) })
    .transform((text, context) => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: textFor(text) });
      return z.NEVER;
    })
    .meta({ $comment: type });
}

/**
 * Returns a schema for a duration from `minMs` to `maxMs`, such as "1h30m". The output is in milliseconds.
 */
export function duration(minMs: number, maxMs: number) {
  const type = `duration from ${toDurationText(minMs)} to ${toDurationText(maxMs)}`;
  return parsed({
    type,
    pattern: durationPattern,
    parse: (text) => within(parseDuration(text), minMs, maxMs),
    expected: `expected a ${type}, such as "30s" or "1h30m"`,
  });
}

/** Returns a schema for a bit rate up to 10 Gbit/s, such as "2500kbit". The output is in bits per second. */
export function bitrate() {
  return parsed({
    type: 'bit rate from 1bit to 10Gbit',
    pattern: bitratePattern,
    parse: (text) => within(parseBitrate(text), 1, 10e9),
    expected: 'expected a bit rate with a unit, up to 10Gbit, such as "2500kbit" or "2.5Mbit"',
  });
}

/**
 * Returns a schema for a time zone without daylight saving time, such as "+08:00" or "Asia/Shanghai". The
 * output is its UTC offset in milliseconds, positive east of Greenwich.
 */
export function fixedTimeZone() {
  return parsed({
    type: 'time zone without daylight saving time',
    pattern: timeZonePattern,
    parse: parseFixedOffset,
    expected: fixedOffsetError(''),
    textFor: fixedOffsetError,
  });
}

/** Returns a schema for a time zone, such as "Asia/Shanghai", "UTC" or "+08:00". */
export function timeZone() {
  return parsed({
    type: 'time zone',
    pattern: timeZonePattern,
    parse: (text) => (isTimeZone(text) ? text : undefined),
    expected: timeZoneError(''),
    textFor: timeZoneError,
  });
}

/** Returns a schema for a time of day before "24:00". The output is in minutes after midnight. */
export function startTime() {
  return parsed({
    type: 'time of day from 00:00 to 23:59',
    pattern: clockTimePattern,
    parse: (text) => within(parseClockTime(text), 0, 1439),
    expected: 'expected a time of day from "00:00" to "23:59"',
  });
}

/** Returns a schema for a time of day up to "24:00". The output is in minutes after midnight. */
export function endTime() {
  return parsed({
    type: 'time of day from 00:00 to 24:00',
    pattern: clockTimePattern,
    parse: parseClockTime,
    expected: 'expected a time of day from "00:00" to "24:00"',
  });
}

/**
 * Returns a schema for days of the week, as text or as a list of texts. The output is a list of day numbers;
 * Sunday is 0.
 */
export function days() {
  const expected = 'expected days of the week, such as "mon-fri" or "sat,sun"';
  const some = parsed({ type: 'days of the week', pattern: daysPattern, parse: parseDays, expected });
  return z
    .union([some, z.array(some).min(1)], { error: expected })
    .transform((list) => [...new Set(list.flat())]);
}

/** Returns a schema for the name of an environment variable. */
export function envName() {
  return parsed({
    type: 'name of an environment variable',
    pattern: /^[A-Za-z_][A-Za-z0-9_]{0,254}$/,
    parse: (text) => text,
    expected: 'expected the name of an environment variable, such as "TENCENT_STAT_KEY"',
  });
}

/**
 * Returns a schema for the URL of an API. The URL must not have a user, password, query or fragment, so it
 * contains no secret and can be logged.
 */
export function endpoint() {
  return parsed({
    type: 'http or https URL',
    pattern: /^https?:\/\/[^?#@]+$/,
    parse: (text) => urlOf(text)?.href,
    expected: 'expected an http or https URL without user, password, query or fragment',
  });
}

/** Parses a URL. Returns undefined if the text is not a URL, or if the URL has a user or password. */
function urlOf(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.username === '' && url.password === '' ? url : undefined;
}

/**
 * Returns a schema for the scheme, host and port of an API, without a path. The output does not end in a
 * slash. There must be no user and password, so the URL contains no secret and can be logged.
 */
export function origin() {
  return parsed({
    type: 'http or https URL without path',
    pattern: /^https?:\/\/[^/?#@]+\/?$/,
    parse: (text) => urlOf(text)?.origin,
    expected: 'expected an http or https URL without path, such as "https://api.example.com"',
  });
}

/** Returns a schema for a host name. The output is in lower case, because DNS is case-insensitive. */
export function hostName() {
  return parsed({
    type: 'host name',
    pattern: hostNamePattern,
    parse: (text) => text.toLowerCase(),
    expected: hostNameText(),
    textFor: hostNameText,
  });
}

/** Returns the reason why a text is not a host name; undefined if it is one. */
export function hostNameProblem(text: string): string | undefined {
  return hostNamePattern.test(text) ? undefined : hostNameText(text);
}

function hostNameText(text = ''): string {
  const expected = 'expected a host name, such as "www.example.com"';
  if (/^[a-z0-9-]+$/i.test(text)) return `${expected}, with at least one dot`;
  if (/^[\d.]+$/.test(text)) return `${expected}, not an IP address`;
  if (/[^\0-\x7f]/.test(text)) return `${expected}, in Punycode (xn--...)`;
  return `${expected}: letters, digits, dots and inner hyphens, no scheme, port or path`;
}

/**
 * Pattern of a host name. It has at least two parts, separated by dots, that consist of letters, digits and
 * inner hyphens. The last part must not be a number, because the text could then be an IP address.
 */
const hostNamePattern =
  /^(?=.{1,253}$)([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+(?!\d+$)[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;

/**
 * Returns a schema for a pattern that must match a whole name. The output is the text of the pattern.
 */
export function pattern() {
  return z
    .string()
    .max(1_000)
    .superRefine((text, context) => {
      const problem = patternProblem(text);
      if (problem !== undefined) {
        context.addIssue({ code: 'custom', message: `the regular expression ${problem}` });
      }
    })
    .meta({ $comment: 'regular expression of at most 1000 characters' });
}

/** Returns a schema for a ratio that is greater than 0 and at most 1. */
export function ratio() {
  return z.number().gt(0).max(1);
}

function within(value: number | undefined, min: number, max: number): number | undefined {
  return value !== undefined && value >= min && value <= max ? value : undefined;
}

/**
 * Returns a schema for a mapping that rejects keys outside `shape`. If a key of `shape` has an empty value,
 * as in `labels:`, it counts as absent.
 */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess((input) => withoutEmpty(input, shape), z.strictObject(shape));
}

/**
 * Returns a schema that accepts an account of either schema. The key `provider` determines which one applies.
 * If it is invalid, the errors of the schema with the fewest errors are reported.
 */
export function byProvider<A extends z.ZodObject, B extends z.ZodObject>(a: A, b: B) {
  const shape = { ...a.shape, ...b.shape };
  const either = z.discriminatedUnion('provider', [a, b], { unionFallback: true });
  return z.preprocess((input) => withoutEmpty(input, shape), either);
}

function withoutEmpty(input: unknown, shape: z.ZodRawShape): unknown {
  if (!isMapping(input)) return input;
  const entries = Object.entries(input);
  // Keep an unknown key even if its value is empty, so that the schema reports it.
  const kept = entries.filter(([key, value]) => value !== null || !Object.hasOwn(shape, key));
  // Object.fromEntries defines own properties, so a key `__proto__` does not change the prototype.
  return kept.length === entries.length ? input : Object.fromEntries(kept);
}
