import { readJson, unexpectedShape } from '../../kit/json.ts';
import { isBlank } from '../../kit/rows.ts';
import { hasOnly, readFields, readWholeText } from '../../kit/values.ts';

/** Result code and message in a response body of the statistics API. */
export interface ApiStatus {
  /** Result code; 0 means success. */
  readonly code: number;
  readonly text: string;
}

export interface ParsedEnvelope {
  readonly status: ApiStatus;
  /** Payload of the response, whose shape is not checked yet. undefined if the field is blank or missing. */
  readonly output: unknown;
  /**
   * Whether the body says that the request succeeded and that there is no data. A body without payload that
   * does not say so can be a failure, such as the message of a gateway with result code 0.
   */
  readonly isNoData: boolean;
}

/** Fields of every documented response of the API family. */
const documentedFields = ['ret', 'retcode', 'errmsg', 'message', 'output'];

/**
 * Texts of a success, or of a request without data. Source: tables of
 * cloud.tencent.com/document/product/454/7920, and a public client for "no stream".
 */
const noDataTexts = ['query data successfully', 'query data is empty', 'has not live stream', 'no stream'];

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
  const message = readWholeText(fields.errmsg) ?? readWholeText(fields.message) ?? '';
  const output = isBlankOutput(fields.output) ? undefined : fields.output;
  return {
    status: { code: ret || retcode || 0, text: message },
    output,
    isNoData: output === undefined && hasOnly(fields, documentedFields) && isNoDataText(message, fields),
  };
}

/**
 * Reports whether the text of a body without payload is that of a success. Not documented: a success without
 * text and payload. Public clients of the API family read null, so an empty text suffices if the body has
 * the field `output`.
 */
function isNoDataText(text: string, fields: object): boolean {
  return text === '' ? 'output' in fields : noDataTexts.includes(text.toLowerCase());
}

/**
 * Reports whether the payload is blank, or an object whose fields are all blank, such as `stream_info: null`.
 */
function isBlankOutput(output: unknown): boolean {
  const fields = readFields(output);
  return isBlank(output) || (fields !== undefined && Object.values(fields).every(isBlank));
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
