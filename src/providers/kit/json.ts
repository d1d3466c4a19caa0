import { ProviderError } from '../../model/answer.ts';
import { webPageSuffix } from './message.ts';

/**
 * Parses a JSON response. Throws `malformed` if the text is not JSON. The error does not quote the text,
 * because such a text can contain the signed URL of the request.
 */
export function readJson(text: string, context: string): unknown {
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    throw new ProviderError(
      'malformed',
      `${context}: response is not JSON (${text.length} characters)${webPageSuffix(text)}`,
    );
  }
}

/**
 * Creates the `malformed` error for a response whose shape no known API version has. `path` is the key path
 * of the unexpected part.
 */
export function unexpectedShape(context: string, path: string): ProviderError {
  return new ProviderError('malformed', `${context}: unexpected response shape at ${path}`);
}
