import { createHash } from 'node:crypto';
import { withoutPushSecrets } from '../../model/push-secrets.ts';

/** Returns the fields of an object with unchecked values; undefined if `value` is not an object. */
export function readFields(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  // The cast is safe: in parsed JSON and XML, an object that is not an array has only string keys.
  return value as Readonly<Record<string, unknown>>;
}

/** Reports whether all fields of an object are in `known`. */
export function hasOnly(fields: Readonly<Record<string, unknown>>, known: readonly string[]): boolean {
  return Object.keys(fields).every((name) => known.includes(name));
}

/**
 * Reads a non-negative number, given as a number or as decimal digits in a string. Returns undefined for any
 * other value, such as '', -1 or NaN.
 */
export function readNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

/**
 * Reads a text that becomes a label value or part of a key: without white space at both ends, without the
 * secrets of a push URL, well-formed and at most 255 characters long. Returns undefined if `value` is not a
 * string or has only white space.
 */
export function readText(value: unknown): string | undefined {
  const text = readWholeText(value);
  return (text && boundText(withoutPushSecrets(text))) || undefined;
}

/**
 * Creates a variant of `read` for the rows of one response, most of which have the same value. If the value
 * equals the value of the previous row, it returns the same string object. Samples stay in memory for
 * minutes, and otherwise each sample would keep a copy of its own.
 */
export function createRepeatedReader(
  read: (value: unknown) => string | undefined,
): (value: unknown) => string | undefined {
  let lastValue: unknown;
  let lastText: string | undefined;
  return (value) => {
    if (value !== lastValue) {
      lastValue = value;
      lastText = read(value);
    }
    return lastText;
  };
}

/** Maximum number of different values that a remembering reader knows. Real responses contain a few. */
const maxKnown = 1_000;

/** Maximum length of a text that a remembering reader knows. */
const maxKnownLength = 255;

/**
 * Creates a variant of `read` for texts that many streams have in common. Equal texts are read once and are
 * one string object, because the newest sample of each stream stays in memory.
 */
export function createRememberingReader(
  read: (value: unknown) => string | undefined,
): (value: unknown) => string | undefined {
  const known = new Map<unknown, string | undefined>();
  return (value) => {
    const before = known.get(value);
    if (before !== undefined || known.has(value)) return before;
    const result = read(value);
    const isShort = typeof value === 'string' && value.length <= maxKnownLength;
    if (isShort && known.size < maxKnown) known.set(value, result);
    return result;
  };
}

/**
 * Reads a text like `readText`, but of any length. Use it only for a text that is split or quoted before it
 * leaves the provider's code. Each lone surrogate (half of a UTF-16 pair) is replaced: all of them have the
 * same UTF-8 form, so two names that differ only in a lone surrogate would share series and state.
 */
export function readWholeText(value: unknown): string | undefined {
  return (typeof value === 'string' && value.trim().toWellFormed()) || undefined;
}

/**
 * Reads the name of a stream with which later requests are sent. Returns undefined if `readText` would change
 * the name, as it truncates a long one: the changed name finds no history.
 */
export function readExactName(value: unknown): string | undefined {
  const name = readWholeText(value);
  const isExact = name !== undefined && name.length <= maxTextLength && withoutPushSecrets(name) === name;
  return isExact ? name : undefined;
}

/** Maximum number of characters (UTF-16 units) of a label value, as for the names in the config. */
const maxTextLength = 255;
/** Number of hex digits of the hash at the end of a truncated text. */
const hashLength = 16;

/**
 * Truncates a text with more than 255 characters. The result ends in a hash of the whole text, so that two
 * names that differ only after their first characters stay different.
 */
export function boundText(text: string): string {
  if (text.length <= maxTextLength) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, hashLength);
  // The truncation can split a surrogate pair.
  return `${text.slice(0, maxTextLength - hashLength - 1).toWellFormed()}…${hash}`;
}
