import { ProviderError } from '../../model/answer.ts';
import { readFields, readJson, readText } from '../kit/read.ts';
import { isXml, readXml } from './xml.ts';

/** What an answer says of itself. */
export interface ApiStatus {
  /** undefined: well, as far as the body tells. */
  readonly code: string | undefined;
  readonly text: string;
}

export interface ParsedEnvelope {
  readonly status: ApiStatus;
  /** All that the answer holds, unread. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Answers of Live have no `Code` when all is well; the official client takes these for success too. */
const wellCodes: ReadonlySet<string> = new Set(['200', 'OK', 'Success', 'success']);

/**
 * The frame of a body, as JSON or, where it begins with `<`, as XML, whichever was asked for: XML is what
 * Live sends to those who don't ask. Throws `malformed`.
 */
export function readAlibabaEnvelope(text: string, context: string): ParsedEnvelope {
  const fields = readFields(isXml(text) ? readXml(text, context) : readJson(text, context));
  if (fields === undefined) {
    throw new ProviderError('malformed', `${context}: the answer has an unknown form at the whole`);
  }
  const code = readCode(fields.Code ?? fields.code);
  return { status: { code, text: readText(fields.Message ?? fields.message) ?? '' }, fields };
}

function readCode(raw: unknown): string | undefined {
  const code = typeof raw === 'number' ? String(raw) : readText(raw);
  return code === undefined || wellCodes.has(code) ? undefined : code;
}
