import { ProviderError } from '../../model/answer.ts';
import { unreadableBody } from './message.ts';

/**
 * Parses a JSON response. Throws `malformed` if the text is not JSON. The error does not quote the text,
 * because such a text can contain the signed URL of the request.
 */
export function readJson(text: string, context: string): unknown {
  try {
    const value: unknown = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    if (text.length <= maxKeptLength) kept.last = value;
    return value;
  } catch {
    throw unreadableBody(`${context}: response is not JSON`, text);
  }
}

/**
 * Creates the `malformed` error for a response whose shape no known API version has. `path` is the key path
 * of the unexpected part.
 */
export function unexpectedShape(context: string, path: string): ProviderError {
  return new ProviderError('malformed', `${context}: unexpected response shape at ${path}`);
}

/** Maximum number of characters of a response that is kept. */
const maxKeptLength = 16 * 1024;

/**
 * Parsed content of the last small response. Nothing reads it: while it exists, V8 also keeps the hidden
 * classes of its objects. Otherwise, each full garbage collection would discard them, and with them the
 * optimized code of all functions that read rows.
 */
const kept: { last?: unknown } = {};
