import { readJson, unexpectedShape } from '../../kit/json.ts';
import { readFields, readText } from '../../kit/values.ts';

/** Result code and message in a response body of the statistics API. */
export interface ApiStatus {
  /** Result code; 0 means success. */
  readonly code: number;
  readonly text: string;
}

export interface ParsedEnvelope {
  readonly status: ApiStatus;
  /** Payload of the response, whose shape is not checked yet. */
  readonly output: unknown;
}

/**
 * Parses the envelope of a response body: result code, message and payload. Throws `malformed` if the body
 * cannot be parsed or has no result code. The documentation names the fields `ret` and `message`. The only
 * documented body (of Live_Set_Delay) also has the fields `retcode` and `errmsg`. Not documented: which of
 * these fields a failure sets.
 */
export function readStatcgiEnvelope(text: string, context: string): ParsedEnvelope {
  const fields = readFields(readJson(text, context));
  if (fields === undefined) throw unexpectedShape(context, 'the top level');
  const ret = readCode(fields.ret, 'ret', context);
  const retcode = readCode(fields.retcode, 'retcode', context);
  if (ret === undefined && retcode === undefined) throw unexpectedShape(context, 'ret');
  const message = readText(fields.errmsg) ?? readText(fields.message) ?? '';
  return { status: { code: ret || retcode || 0, text: message }, output: fields.output };
}

/**
 * Reads a result code such as -1 or "10003"; undefined if the field at `path` is absent. Throws `malformed`
 * for any other value.
 */
function readCode(value: unknown, path: string, context: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  const code = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof code !== 'number' || !Number.isSafeInteger(code)) throw unexpectedShape(context, path);
  return code;
}
