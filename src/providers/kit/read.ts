import type * as z from 'zod';
import { type Answer, ProviderError } from '../../model/answer.ts';
import { type EpochMs, secondMs } from '../../model/time.ts';

/** The JSON in `text`. Rejects as `malformed`, without a word of the text: what is no JSON may echo a signed URL. */
export function readJson(text: string, context: string): unknown {
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    throw new ProviderError('malformed', `${context}: the answer is not JSON (${text.length} characters)`);
  }
}

/** The frame of an answer, typed. Strict: a frame that doesn't fit was not understood, and is `malformed`. */
export function readEnvelope<T extends z.ZodType>(schema: T, json: unknown, context: string): z.output<T> {
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const where = read.error.issues[0]?.path.join('.') || 'the whole';
  throw new ProviderError('malformed', `${context}: the answer has an unknown form at ${where}`);
}

/**
 * The rows of an answer, typed. Patient: a row that `toItem` cannot read (undefined) is counted, and the others stand.
 * But when there are rows and none can be read, nothing was understood, which is `malformed` and not an empty answer.
 */
export function readRows<T>(
  rows: readonly unknown[],
  toItem: (row: unknown) => T | undefined,
  context: string,
): Pick<Answer<T>, 'items' | 'malformed'> {
  const items: T[] = [];
  for (const row of rows) {
    const item = toItem(row);
    if (item !== undefined) items.push(item);
  }
  if (rows.length > 0 && items.length === 0) {
    throw new ProviderError('malformed', `${context}: none of ${rows.length} rows can be read`);
  }
  return { items, malformed: rows.length - items.length };
}

/** A row's fields, unread; undefined when it is no object. */
export function readFields(row: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return undefined;
  // It comes from JSON, where what is an object and no list is fields by name.
  return row as Readonly<Record<string, unknown>>;
}

/** Zero or more, also where a provider puts it in quotes; undefined for all else, such as an empty text, -1 or NaN. */
export function readNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

/** Trimmed; undefined when nothing is left, or when it was no text. */
export function readText(value: unknown): string | undefined {
  return (typeof value === 'string' && value.trim()) || undefined;
}

/** What a Retry-After header asks for: seconds, or a date. undefined where it says neither, or a date gone by. */
export function readRetryAfterMs(header: string | undefined, now: EpochMs): number | undefined {
  if (header === undefined) return undefined;
  const seconds = readNumber(header);
  if (seconds !== undefined) return seconds * secondMs;
  // Date.parse takes "-5" for a day in May.
  const ms = header.endsWith('GMT') ? Date.parse(header) - now : Number.NaN;
  return ms >= 0 ? ms : undefined;
}

/** A provider's own words, fit for a message: on one line, at most 200 characters, and without the secrets. */
export function quote(words: string, secrets: readonly string[]): string {
  let text = words.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  // Before it is cut, so that no half of a secret is left at the end.
  for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '[secret]');
  return text.length <= 200 ? text : `${text.slice(0, 199)}…`;
}
