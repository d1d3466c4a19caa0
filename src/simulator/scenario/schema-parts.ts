import { isIP } from 'node:net';
import * as z from 'zod';
import { parseBitrate, parseDuration, parsePercent } from '../../text/units.ts';

/** Returns a schema for values that `read` converts; undefined from `read` is an error. */
export function convertedBy<T>(read: (value: unknown) => T | undefined, expected: string) {
  return z.unknown().transform((value, context): T => {
    const converted = read(value);
    if (converted !== undefined) return converted;
    context.addIssue({ code: 'custom', message: value === undefined ? 'missing' : `expected ${expected}` });
    return z.NEVER;
  });
}

/** Applies `parse` to text only. */
export const ofText =
  <T>(parse: (text: string) => T | undefined) =>
  (value: unknown): T | undefined =>
    typeof value === 'string' ? parse(value) : undefined;

/** Applies `parse` to text and rejects results outside the range. */
function inRange(parse: (text: string) => number | undefined, min: number, max: number) {
  return ofText((text) => {
    const value = parse(text);
    return value !== undefined && value >= min && value <= max ? value : undefined;
  });
}

export const duration = convertedBy(ofText(parseDuration), 'a duration such as "30s"');
export const positiveDuration = convertedBy(
  inRange(parseDuration, 1, Infinity),
  'a duration above 0, such as "30s"',
);
export const bitRate = convertedBy(ofText(parseBitrate), 'a bit rate such as "2500kbit"');
export const share = convertedBy(inRange(parsePercent, 0, 1), 'a percentage from 0% to 100%, such as "5%"');
export const address = convertedBy(
  ofText((text) => (isIP(text) === 0 ? undefined : text)),
  'an IP address',
);
export const word = z.string().regex(/^\S+$/, { error: 'expected text without spaces' });
export const positiveInteger = z.int().min(1);
/** Number of streams or records. */
export const bulkCount = positiveInteger.max(200_000);

/** Returns an enum of words. YAML reads some of them as another type: 503 as a number, null as nothing. */
export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.preprocess(
    (value) => (typeof value === 'number' || value === null ? String(value) : value),
    z.enum(words),
  );
}

/** Returns the keys of an event of an API; `answers` are the responses that it can force. */
export function apiEventKeys<const T extends readonly [string, ...string[]]>(answers: T) {
  return {
    at: duration,
    for: positiveDuration.optional(),
    answer: oneOf(answers).optional(),
    share: share.optional(),
    rate_limit: positiveInteger.optional(),
    delay: duration.optional(),
  };
}

/** Requires that an event has an effect besides its time. */
export const requireEffect = [
  (event: Readonly<Record<string, unknown>>) =>
    Object.entries(event).some(
      ([key, value]) => !['at', 'for', 'share'].includes(key) && value !== undefined,
    ),
  { error: 'event without an effect; add one' },
] as const;

/** Requires that an event with a share has an answer. */
export const requireAnswerOfShare: [
  (event: { readonly share?: unknown; readonly answer?: unknown }) => boolean,
  { error: string; path: string[] },
] = [
  (event) => event.share === undefined || event.answer !== undefined,
  { error: 'share requires "answer"; it is the ratio of requests that get the answer', path: ['share'] },
];
