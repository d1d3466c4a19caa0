import { ProviderError } from '../../model/answer.ts';

/** Parses JSON. Throws `malformed` without quoting the text: a body that is not JSON can echo a signed URL. */
export function readJson(text: string, context: string): unknown {
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    throw new ProviderError('malformed', `${context}: response is not JSON (${text.length} characters)`);
  }
}

/** Builds the error for a response, or a part of it at `path`, with a shape that no known API version has. */
export function unexpectedShape(context: string, path: string): ProviderError {
  return new ProviderError('malformed', `${context}: unexpected response shape at ${path}`);
}
