import type * as z from 'zod';
import { ProviderError } from '../../model/answer.ts';

/** Parses JSON. Throws `malformed` without quoting the text: a body that is not JSON can echo a signed URL. */
export function readJson(text: string, context: string): unknown {
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    throw new ProviderError('malformed', `${context}: response is not JSON (${text.length} characters)`);
  }
}

/** Parses the envelope of a response strictly: throws `malformed` if it does not match the schema. */
export function readEnvelope<T extends z.ZodType>(schema: T, json: unknown, context: string): z.output<T> {
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  throw unexpectedShape(context, read.error.issues[0]?.path.join('.') || 'the top level');
}

/** Builds the error for a response, or a part of it at `path`, with a shape that no known API version has. */
export function unexpectedShape(context: string, path: string): ProviderError {
  return new ProviderError('malformed', `${context}: unexpected response shape at ${path}`);
}
