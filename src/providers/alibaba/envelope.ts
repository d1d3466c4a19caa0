import type { InSlices } from '../../model/slices.ts';
import { readJson, unexpectedShape } from '../kit/json.ts';
import { readJsonInSlices } from '../kit/json-slices.ts';
import { readFields, readWholeText } from '../kit/values.ts';
import { isXml, readXml, readXmlInSlices } from './xml.ts';

/** Result code and message in a response body of Alibaba Cloud. */
export interface ApiStatus {
  /** Error code; undefined if the body reports no error. Even then, the HTTP status can report a failure. */
  readonly code: string | undefined;
  readonly text: string;
}

export interface ParsedEnvelope {
  readonly status: ApiStatus;
  /** All top-level fields of the response body. The values are not checked yet. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Values of `Code` that mean success. Live sends no `Code` on success, but the official SDK also accepts
 * these values.
 */
const successCodes: ReadonlySet<string> = new Set(['200', 'OK', 'Success', 'success']);

/**
 * Parses the envelope of a response body: result code, message and fields. A body that starts with `<` is
 * parsed as XML, and any other body as JSON, whatever format was requested: Live sends XML if it finds no
 * format in a request. Throws `malformed` if the body cannot be parsed.
 */
export function readAlibabaEnvelope(text: string, operation: string): ParsedEnvelope {
  const context = `alibaba ${operation}`;
  return toEnvelope(isXml(text) ? readXml(text, operation, context) : readJson(text, context), context);
}

/** Like `readAlibabaEnvelope`, but parses the body in slices of the event loop. */
export async function readEnvelopeInSlices(
  text: string,
  operation: string,
  inSlices: InSlices,
): Promise<ParsedEnvelope> {
  const context = `alibaba ${operation}`;
  const content = isXml(text)
    ? await readXmlInSlices(text, operation, context, inSlices)
    : await readJsonInSlices(text, context, inSlices);
  return toEnvelope(content, context);
}

function toEnvelope(content: unknown, context: string): ParsedEnvelope {
  const fields = readFields(content);
  if (fields === undefined) throw unexpectedShape(context, 'the top level');
  const code = readCode(fields.Code, context) ?? readCode(fields.code, context);
  return { status: { code, text: readWholeText(fields.Message ?? fields.message) ?? '' }, fields };
}

/** Reads an error code; undefined if `value` is absent, blank or means success. Else throws `malformed`. */
function readCode(value: unknown, context: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' && typeof value !== 'number') throw unexpectedShape(context, 'Code');
  const code = readWholeText(String(value));
  return code === undefined || successCodes.has(code) ? undefined : code;
}
