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
 * Parses the envelope of a response body of API 3.0: `{"Response": {..., "RequestId": "..."}}`. A failure has
 * the field `Error` and the HTTP status 200. Throws `malformed` if the body has another shape, or neither
 * `Error` nor `RequestId`, which every documented response contains: the message of a gateway must not pass
 * as a success.
 */
export function readApi3Envelope(text: string, context: string): ParsedEnvelope {
  let fields = readResponse(text, context);
  if (hasNumberIds(fields)) fields = readResponse(withExactIds(text), context);
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

function readResponse(text: string, context: string) {
  return readFields(readFields(readJson(text, context))?.Response);
}

/** Reports whether the session ID of a row is a number. The documentation says that it is a string. */
function hasNumberIds(fields: ParsedEnvelope['fields'] = {}): boolean {
  for (const name in fields) {
    const rows = fields[name];
    if (!Array.isArray(rows)) {
      if (hasNumberId(rows)) return true;
      continue;
    }
    for (const row of rows) if (hasNumberId(row)) return true;
  }
  return false;
}

function hasNumberId(row: unknown): boolean {
  return typeof row === 'object' && row !== null && 'Sequence' in row && typeof row.Sequence === 'number';
}

/**
 * Puts session IDs that are JSON numbers in quotes. They have up to 20 digits, and JSON.parse rounds them, so
 * that two pushes could have one ID.
 */
function withExactIds(text: string): string {
  return text.replace(/("Sequence"\s*:\s*)(\d+)(?=\s*[,}])/g, '$1"$2"');
}
