import { readJson, unexpectedShape } from '../../kit/json.ts';
import { readFields, readWholeText } from '../../kit/values.ts';

/** Error in the body of a response of API 3.0. */
export interface ApiError {
  /** Code such as `AuthFailure.SignatureFailure`. */
  readonly code: string;
  /** Text of the provider, which can change at any time. */
  readonly text: string;
}

export interface ParsedEnvelope {
  /** undefined: the request succeeded. */
  readonly error: ApiError | undefined;
  /** Fields of the object `Response`. The values are not checked yet. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Parses the envelope of a response body of API 3.0: `{"Response": {..., "RequestId": "..."}}`. A failure has the
 * field `Error` and the HTTP status 200. Throws `malformed` if the body has another shape, or neither `Error` nor
 * `RequestId`, which every documented response contains: the message of a gateway must not pass as a success.
 */
export function readApi3Envelope(text: string, context: string): ParsedEnvelope {
  const fields = readFields(readFields(readJson(withExactIds(text), context))?.Response);
  if (fields === undefined) throw unexpectedShape(context, 'Response');
  if (fields.Error !== undefined && fields.Error !== null) {
    const error = readFields(fields.Error);
    const code = readWholeText(error?.Code);
    if (code === undefined) throw unexpectedShape(context, 'Response.Error');
    return { error: { code, text: readWholeText(error?.Message) ?? '' }, fields };
  }
  if (readWholeText(fields.RequestId) === undefined) throw unexpectedShape(context, 'Response.RequestId');
  return { error: undefined, fields };
}

/**
 * Puts session IDs that are JSON numbers in quotes. They have up to 20 digits, and JSON.parse would round them, so
 * that two pushes could have one ID. The documentation says that they are strings.
 */
function withExactIds(text: string): string {
  // The search is much faster than the replacement, which is normally not needed.
  return hasNumberIds(text) ? text.replace(/("Sequence"\s*:\s*)(\d+)(?=\s*[,}])/g, '$1"$2"') : text;
}

/** Reports whether a session ID can be a number: it does not start with a quote. */
function hasNumberIds(text: string): boolean {
  const key = '"Sequence":';
  for (let at = text.indexOf('"Sequence"'); at !== -1; at = text.indexOf('"Sequence"', at + 1)) {
    if (!text.startsWith(key, at) || text[at + key.length] !== '"') return true;
  }
  return false;
}
