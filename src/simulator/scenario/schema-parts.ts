import { isIP } from 'node:net';
import * as z from 'zod';
import { parseBitrate, parseDuration, parsePercent } from '../../text/units.ts';

/**
 * Returns a schema whose output is the result of `read`. If `read` returns undefined, the value is invalid,
 * and the error text names what is `expected`.
 */
export function convertedBy<T>(read: (value: unknown) => T | undefined, expected: string) {
  return z.unknown().transform((value, context): T => {
    const converted = read(value);
    if (converted !== undefined) return converted;
    context.addIssue({ code: 'custom', message: value === undefined ? 'missing' : `expected ${expected}` });
    return z.NEVER;
  });
}

/**
 * Returns a schema for text whose output is the result of `parse`. If `parse` returns undefined, the text is
 * invalid, and the error text names what is `expected`.
 */
export function parsedBy<T>(parse: (text: string) => T | undefined, expected: string) {
  return convertedBy((value) => (typeof value === 'string' ? parse(value) : undefined), expected);
}

export const duration = parsedBy(parseDuration, 'a duration such as "30s"');
export const positiveDuration = parsedBy(
  (text) => parseDuration(text) || undefined,
  'a duration above 0, such as "30s"',
);
export const bitRate = parsedBy(parseBitrate, 'a bit rate such as "2500kbit"');
export const share = parsedBy((text) => {
  const ratio = parsePercent(text);
  return ratio === undefined || ratio > 1 ? undefined : ratio;
}, 'a percentage from 0% to 100%, such as "5%"');
export const address = parsedBy((text) => (isIP(text) === 0 ? undefined : text), 'an IP address');
export const word = z.string().regex(/^\S+$/, { error: 'expected text without spaces' });
export const positiveInteger = z.int().min(1);
/** Schema of a number of streams or records that one entry of a scenario stands for. */
export const bulkCount = positiveInteger.max(200_000);

/**
 * Returns a schema that accepts one of `words`. Converts a number or null to text first, because the YAML
 * parser reads some words as another type: 503 as a number, null as nothing.
 */
export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.preprocess(
    (value) => (typeof value === 'number' || value === null ? String(value) : value),
    z.enum(words),
  );
}

/**
 * Returns the schemas of the keys of an event of a simulated API. `answers` are the responses that the event
 * can force.
 */
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

/**
 * Arguments of a zod refinement: an event must have a key other than `at`, `for` and `share`, because it
 * would otherwise have no effect.
 */
export const requireEffect = [
  (event: Readonly<Record<string, unknown>>) =>
    Object.entries(event).some(
      ([key, value]) => !['at', 'for', 'share'].includes(key) && value !== undefined,
    ),
  { error: 'event without an effect; add one' },
] as const;

/** Arguments of a zod refinement: an event with a `share` must have an `answer`. */
export const requireAnswerOfShare: [
  (event: { readonly share?: unknown; readonly answer?: unknown }) => boolean,
  { error: string; path: string[] },
] = [
  (event) => event.share === undefined || event.answer !== undefined,
  { error: 'share requires "answer"; it is the ratio of requests that get the answer', path: ['share'] },
];
