import { readJson, unexpectedShape } from '../kit/json.ts';
import { readFields, readText } from '../kit/values.ts';
import { isXml, readXml } from './xml.ts';

/** Result code and message of a response. */
export interface ApiStatus {
  /** undefined: success, as far as the body says. */
  readonly code: string | undefined;
  readonly text: string;
}

export interface ParsedEnvelope {
  readonly status: ApiStatus;
  /** All fields of the response, unparsed. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Codes of a success. Live omits the code on success; the official SDK accepts these too. */
const successCodes: ReadonlySet<string> = new Set(['200', 'OK', 'Success', 'success']);

/**
 * Parses the envelope of a body, as XML if it starts with `<` and as JSON otherwise, independent of the requested
 * format: Live sends XML if a request names no format. Throws `malformed`.
 */
export function readAlibabaEnvelope(text: string, context: string): ParsedEnvelope {
  const fields = readFields(isXml(text) ? readXml(text, context) : readJson(text, context));
  if (fields === undefined) throw unexpectedShape(context, 'the top level');
  const code = readCode(fields.Code ?? fields.code);
  return { status: { code, text: readText(fields.Message ?? fields.message) ?? '' }, fields };
}

function readCode(value: unknown): string | undefined {
  const code = typeof value === 'number' ? String(value) : readText(value);
  return code === undefined || successCodes.has(code) ? undefined : code;
}
