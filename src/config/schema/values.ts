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
 * The kinds of value in a config. Each knows how it is written, what it turns into, and the one sentence that says
 * what was expected; no sentence shows the value, which may be a secret in the wrong place.
 */

/** Text that `parse` understands: for the rest it gives undefined. Editors know only `pattern`. */
function parsed<T>(
  pattern: RegExp,
  parse: (text: string) => T | undefined,
  sentence: string,
  sentenceFor: (text: string) => string = () => sentence,
) {
  return z
    .string({ error: ({ input }) => (input === undefined ? undefined : sentence) })
    .regex(pattern, { error: ({ input }) => sentenceFor(String(input)) })
    .transform((text, context) => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: sentence });
      return z.NEVER;
    });
}

/** Milliseconds. */
export function duration(minMs: number, maxMs: number) {
  const sentence = `expected a duration from ${toDurationText(minMs)} to ${toDurationText(maxMs)}, such as "30s" or "1h30m"`;
  return parsed(durationPattern, (text) => within(parseDuration(text), minMs, maxMs), sentence);
}

/** Bits per second. */
export function bitrate() {
  const sentence = 'expected a bit rate with its unit, up to 10Gbit, such as "2500kbit" or "2.5Mbit"';
  return parsed(bitratePattern, (text) => within(parseBitrate(text), 1, 10e9), sentence);
}

/** Milliseconds east of Greenwich. */
export function zoneOffset() {
  return parsed(zoneOffsetPattern, parseZoneOffset, 'expected an offset from UTC, such as "+08:00"');
}

/** Minutes after midnight, of the begin of something. */
export function beginTime() {
  const sentence = 'expected a time of day from "00:00" to "23:59"';
  return parsed(clockTimePattern, (text) => within(parseClockTime(text), 0, 1439), sentence);
}

/** Minutes after midnight, of the end of something: it may be 24:00. */
export function endTime() {
  return parsed(clockTimePattern, parseClockTime, 'expected a time of day from "00:00" to "24:00"');
}

/** Sunday is 0. */
export function days() {
  const sentence = 'expected days of the week, such as "mon-fri" or "sat,sun"';
  const some = parsed(daysPattern, parseDays, sentence);
  return z
    .union([some, z.array(some).min(1)], { error: sentence })
    .transform((list) => [...new Set(list.flat())]);
}

export function timeZone() {
  return z
    .string()
    .refine(isTimeZone, { error: 'expected the IANA name of a time zone, such as "Asia/Shanghai"' });
}

/** The name of an environment variable. */
export function envName() {
  const sentence = 'expected the name of an environment variable, such as "TENCENT_STAT_KEY"';
  return parsed(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/, (text) => text, sentence);
}

export function filePath() {
  return z.string().min(1).max(4096);
}

/** Where to send calls. Nothing secret can be in it, so it can be logged. */
export function endpoint() {
  const sentence = 'expected an http or https URL without user, password, query and fragment';
  return parsed(/^https?:\/\/[^?#@]+$/, (text) => urlOf(text)?.href, sentence);
}

/** undefined also where a user or password is in it. */
function urlOf(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.username === '' && url.password === '' ? url : undefined;
}

/** Scheme, host and port of an API whose calls have no path of their own. Nothing secret can be in it. */
export function origin() {
  const sentence = 'expected the http or https URL of a host, such as "https://live.aliyuncs.com"';
  return parsed(/^https?:\/\/[^/?#@]+\/?$/, (text) => urlOf(text)?.origin, sentence);
}

/** In small letters, since DNS does not tell them from capitals. */
export function hostName() {
  return parsed(hostNamePattern, (text) => text.toLowerCase(), hostNameSentence(), hostNameSentence);
}

function hostNameSentence(text = ''): string {
  const sentence = 'expected a host name such as "www.example.com"';
  if (/^[a-z0-9-]+$/i.test(text)) return `${sentence}: two parts at least, with a dot between them`;
  if (/^[\d.]+$/.test(text)) return `${sentence}, not an address`;
  if (/[^\0-\x7f]/.test(text)) return `${sentence}: other scripts are written as xn--...`;
  return `${sentence}: letters, digits, dots and inner hyphens, no scheme, port or path`;
}

/** Two parts at least, of letters, digits and inner hyphens, and the last not of digits alone: that would be an address. */
const hostNamePattern =
  /^(?=.{1,253}$)([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+(?!\d+$)[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;

/** A name that becomes a label. */
export function label() {
  return z.string().min(1).max(255);
}

/** A share above 0, up to 1. */
export function ratio() {
  return z.number().gt(0).max(1);
}

function within(value: number | undefined, min: number, max: number): number | undefined {
  return value !== undefined && value >= min && value <= max ? value : undefined;
}

/** A mapping with just these keys. A key without a value is not there: `labels:` and nothing after it. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess((input) => withoutEmpty(input, shape), z.strictObject(shape));
}

/** An account of one provider or another, by what it says itself; where it says nothing known, by what fits best. */
export function byProvider<A extends z.ZodObject, B extends z.ZodObject>(a: A, b: B) {
  const shape = { ...a.shape, ...b.shape };
  const either = z.discriminatedUnion('provider', [a, b], { unionFallback: true });
  return z.preprocess((input) => withoutEmpty(input, shape), either);
}

function withoutEmpty(input: unknown, shape: z.ZodRawShape): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const entries = Object.entries(input);
  // An unknown key stays, so that it is found.
  const kept = entries.filter(([key, value]) => value !== null || !Object.hasOwn(shape, key));
  // fromEntries defines its keys, so that not even __proto__ reaches a prototype.
  return kept.length === entries.length ? input : Object.fromEntries(kept);
}
