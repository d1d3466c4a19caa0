import { isIP } from 'node:net';
import * as z from 'zod';
import { parseBitRate, parseDuration, parsePercent } from './units.ts';

/** A value that `read` turns from what YAML gave; undefined from it is a problem. */
export function readAs<T>(read: (value: unknown) => T | undefined, expected: string) {
  return z.unknown().transform((value, context): T => {
    const meant = read(value);
    if (meant !== undefined) return meant;
    context.addIssue({ code: 'custom', message: `expected ${expected}` });
    return z.NEVER;
  });
}

/** Nothing but text is given to `parse`. */
export const ofText =
  <T>(parse: (text: string) => T | undefined) =>
  (value: unknown): T | undefined =>
    typeof value === 'string' ? parse(value) : undefined;

function atLeast(least: number, value: number | undefined): number | undefined {
  return value !== undefined && value >= least ? value : undefined;
}

export const duration = readAs(ofText(parseDuration), 'a duration such as "30s"');
export const positiveDuration = readAs(
  ofText((text) => atLeast(1, parseDuration(text))),
  'a duration longer than nothing, such as "30s"',
);
export const bitRate = readAs(ofText(parseBitRate), 'a bit rate such as "2500kbit"');
export const share = readAs(
  ofText((text) => {
    const value = parsePercent(text);
    return value !== undefined && value <= 1 ? value : undefined;
  }),
  'a share from 0% to 100%, such as "5%"',
);
export const address = readAs(
  ofText((text) => (isIP(text) === 0 ? undefined : text)),
  'an IP address',
);
export const text = z.string({ error: 'expected text' });
export const word = text.regex(/^\S+$/, { error: 'expected text without spaces' });
export const positiveInteger = z
  .int({ error: 'expected a whole number' })
  .min(1, { error: 'expected 1 or more' });
export const onlyTrue = z.literal(true, { error: 'expected true, or no such key' });

/** One of these words, which YAML may have read as something else: 503 as a number, null as nothing. */
export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.preprocess(
    (value) => (typeof value === 'number' || value === null ? String(value) : value),
    z.enum(words, { error: `expected one of ${words.join(', ')}` }),
  );
}

export function mapping<T extends z.core.$ZodLooseShape>(shape: T) {
  return z.strictObject(shape, {
    // Unknown keys get their own words in problems.ts.
    error: (issue) => (issue.code === 'invalid_type' ? 'expected keys and values' : undefined),
  });
}

export function list<T extends z.ZodType>(item: T) {
  return z.array(item, { error: 'expected a list' });
}

/** `at` and `for` say when; something has to happen as well. */
export function hasEffect(event: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(event).some(
    ([key, value]) => !['at', 'for', 'share'].includes(key) && value !== undefined,
  );
}

export const nothingHappens = { error: 'nothing happens here: give it at least one effect' };

export function isShareOfAnswers(event: { readonly share?: unknown; readonly answer?: unknown }): boolean {
  return event.share === undefined || event.answer !== undefined;
}

export const shareWithoutAnswer = {
  error: 'a share is of the calls that get an answer of the story: it needs "answer"',
  path: ['share'],
};
