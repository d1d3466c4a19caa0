import { isIP } from 'node:net';
import * as z from 'zod';
import { dayMs } from '../../model/time.ts';
import { parseBitrate, parseDuration, parsePercent } from '../../text/units.ts';

/**
 * Returns a schema whose output is the result of `read`. If the result is undefined, the value is invalid;
 * the error text contains `expected`.
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
 * Returns a schema for a text, whose output is the result of `parse`. If the result is undefined, the text is
 * invalid; the error text contains `expected`.
 */
export function parsedBy<T>(parse: (text: string) => T | undefined, expected: string) {
  return convertedBy((value) => (typeof value === 'string' ? parse(value) : undefined), expected);
}

/** Maximum bit rate, which is that of the config: it expects the bit rate of the scenario. */
const maxBitsPerSecond = 10e9;
/** Maximum ratio of a value to the normal one. Without it, the value could be infinite. */
const maxLevelShare = 100;
/** Maximum duration in ms. Without it, a time could be infinite. */
const maxDurationMs = 100_000 * dayMs;

export const parseFiniteDuration = (text: string) => upTo(maxDurationMs, parseDuration(text));
export const parseRate = (text: string) => upTo(maxBitsPerSecond, parseBitrate(text));
export const parseLevelShare = (text: string) => upTo(maxLevelShare, parsePercent(text));

function upTo(max: number, value: number | undefined): number | undefined {
  return value === undefined || value > max ? undefined : value;
}

export const duration = parsedBy(parseFiniteDuration, 'a duration such as "30s"');
export const positiveDuration = parsedBy(
  (text) => parseFiniteDuration(text) || undefined,
  'a duration above 0, such as "30s"',
);
export const bitRate = parsedBy(parseRate, 'a bit rate up to 10Gbit, such as "2500kbit"');
export const share = parsedBy((text) => {
  const ratio = parsePercent(text);
  return ratio === undefined || ratio > 1 ? undefined : ratio;
}, 'a percentage from 0% to 100%, such as "5%"');
export const positiveShare = parsedBy(
  (text) => parseLevelShare(text) || undefined,
  'a percentage above 0%, such as "80%"',
);
export const address = parsedBy((text) => (isIP(text) === 0 ? undefined : text), 'an IP address');
/** Schema for a text of one line, which is printed. */
export const lineText = z.string().regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, {
  error: 'control characters, line breaks and invisible characters are not allowed',
});
/** Schema for a name or key. Names are label values, which have at most 255 characters. */
export const word = lineText.regex(/^\S+$/, { error: 'expected text without spaces' }).max(255);
export const positiveInteger = z.int().min(1);
/** Schema for the number of streams or records that one entry of a scenario creates. */
export const bulkCount = positiveInteger.max(200_000);

/**
 * Returns a schema that accepts one of `words`. A number or null is first converted to text, because the YAML
 * parser reads some words as another type, such as 503 as a number.
 */
export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.preprocess(
    (value) => (typeof value === 'number' || value === null ? String(value) : value),
    z.enum(words),
  );
}

/**
 * Returns the schemas of the keys of an event of a simulated API. `answers` contains the responses that the
 * event can force.
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
 * Arguments of a zod refinement, which requires that an event has a key other than `at`, `for` and `share`.
 * Otherwise, the event would have no effect.
 */
export const requireEffect = [
  (event: Readonly<Record<string, unknown>>) =>
    Object.entries(event).some(
      ([key, value]) => !['at', 'for', 'share'].includes(key) && value !== undefined,
    ),
  { error: 'this event has no effect; add an effect' },
] as const;

/** Arguments of a zod refinement, which requires that an event with a `share` also has an `answer`. */
export const requireAnswerOfShare: [
  (event: { readonly share?: unknown; readonly answer?: unknown }) => boolean,
  { error: string; path: string[] },
] = [
  (event) => event.share === undefined || event.answer !== undefined,
  {
    error: 'share requires the key "answer"; share is the part of the requests that get this answer',
    path: ['share'],
  },
];
