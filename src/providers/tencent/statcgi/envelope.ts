import * as z from 'zod';
import { readEnvelope, readJson } from '../../kit/json.ts';
import { readFields } from '../../kit/values.ts';

/** Result code and message of a response. */
export interface ApiStatus {
  /** 0: success. */
  readonly code: number;
  readonly text: string;
}

export interface ParsedEnvelope {
  readonly status: ApiStatus;
  /** The payload, unparsed. */
  readonly output: unknown;
}

/** A code such as -1 or "10003"; undefined if absent. */
const Code = z
  .union([z.int(), z.string().regex(/^-?\d+$/)])
  .transform(Number)
  .nullish()
  .transform((code) => code ?? undefined);

const Text = z.string().catch('');

/**
 * Envelope of all responses of this API. The documentation names `ret` and `message`; the only documented body (of
 * Live_Set_Delay) also has `retcode` and `errmsg`. Not documented: which of each pair is set on failure.
 */
const Envelope = z
  .object({ ret: Code, retcode: Code, errmsg: Text, message: Text, output: z.unknown().optional() })
  .refine(({ ret, retcode }) => ret !== undefined || retcode !== undefined, { path: ['ret'] })
  .transform(
    ({ ret, retcode, errmsg, message, output }): ParsedEnvelope => ({
      status: { code: ret || retcode || 0, text: errmsg || message },
      output,
    }),
  );

/** Parses the envelope of a body. Throws `malformed`. */
export function readStatcgiEnvelope(text: string, context: string): ParsedEnvelope {
  const json = readJson(text, context);
  return readSuccess(json) ?? readEnvelope(Envelope, json, context);
}

/** Parses the common successful envelope without the schema, which is slower; undefined for any other envelope. */
function readSuccess(json: unknown): ParsedEnvelope | undefined {
  const { ret, retcode, errmsg, message, output } = readFields(json) ?? {};
  if (ret !== 0 || retcode !== 0 || typeof errmsg !== 'string' || typeof message !== 'string') {
    return undefined;
  }
  return { status: { code: 0, text: errmsg || message }, output };
}
