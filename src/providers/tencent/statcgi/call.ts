import * as z from 'zod';
import type { Http, HttpRequest, HttpResponse, Query, SignedCall } from '../../../calls/call.ts';
import { ProviderError } from '../../../model/answer.ts';
import { type EpochMs, secondMs } from '../../../model/time.ts';
import { quote, readEnvelope, readFields, readJson } from '../../kit/read.ts';
import { type ApiStatus, isEmptyStatus, needsResign, toFailure, toHttpFailure } from './errors.ts';
import { signStatcgi } from './sign-md5.ts';

export interface StatcgiAccess {
  readonly http: Http;
  readonly endpoint: string;
  /** The API's `cmd`. */
  readonly appId: number;
  readonly key: string;
  readonly now: () => EpochMs;
}

/** How long a signature is good: long enough for clocks that differ, and short, since it can be read on the way. */
const validSeconds = 300;

/** -1 or "10003"; undefined where it is not there. */
const Code = z
  .union([z.int(), z.string().regex(/^-?\d+$/)])
  .transform(Number)
  .nullish()
  .transform((code) => code ?? undefined);

const Text = z.string().catch('');

/**
 * The frame of all answers of this API. Its pages name `ret` and `message`; the only documented body (of
 * Live_Set_Delay) has `retcode` and `errmsg` too, and it is open which of each pair is filled on failure.
 */
const Envelope = z
  .object({ ret: Code, retcode: Code, errmsg: Text, message: Text, output: z.unknown().optional() })
  .refine(({ ret, retcode }) => ret !== undefined || retcode !== undefined, { path: ['ret'] })
  .transform(({ ret, retcode, errmsg, message, output }) => ({
    said: { code: ret || retcode || 0, text: errmsg || message },
    output,
  }));

/**
 * One signed call of the statistics API at statcgi.video.qcloud.com. Brings the `output` of the answer, and undefined
 * where the provider said that there is nothing.
 */
export function createStatcgiCall(access: StatcgiAccess): SignedCall {
  const signed = createSigner(access);
  return async (operation, query, signal) => {
    const context = `tencent ${operation}`;
    for (let tries = 1; ; tries++) {
      const signature = signed();
      let answer: HttpResponse;
      try {
        answer = await access.http(toRequest(access, signature, operation, query), signal);
      } catch (error) {
        throw error instanceof ProviderError ? named(error, context) : error;
      }
      const { said, output } = readAnswer(answer, access, signature, context);
      // Once more with a fresh `t`: the request may only have been long on its way.
      if (needsResign(said) && tries === 1) continue;
      const failure = toFailure(said, context);
      if (failure !== undefined) throw failure;
      return isEmptyStatus(said) ? undefined : output;
    }
  };
}

interface Signed {
  /** Until when it is good, in seconds since 1970. */
  readonly t: number;
  readonly sign: string;
}

/** The signature of a call made now: one for all of a second. */
function createSigner({ key, now }: StatcgiAccess): () => Signed {
  let last: Signed | undefined;
  return () => {
    const t = Math.floor(now() / secondMs) + validSeconds;
    if (last?.t !== t) last = { t, sign: signStatcgi(key, t) };
    return last;
  };
}

function toRequest(
  { endpoint, appId }: StatcgiAccess,
  { t, sign }: Signed,
  operation: string,
  query: Query,
): HttpRequest {
  const asked = `cmd=${appId}&interface=${operation}${toQueryString(query)}&t=${t}&sign=${sign}`;
  return { method: 'GET', url: endpoint, query: asked, headers: {} };
}

interface Told {
  readonly said: ApiStatus;
  readonly output: unknown;
}

function readAnswer(
  answer: HttpResponse,
  { key, now }: StatcgiAccess,
  { sign }: Signed,
  context: string,
): Told {
  const failure = toHttpFailure(answer, context, now());
  if (failure !== undefined) throw failure;

  const json = readJson(answer.text, context);
  const { said, output } = readUsual(json) ?? readEnvelope(Envelope, json, context);
  // Of an answer that is well the text is not shown.
  return said.code === 0
    ? { said, output }
    : { said: { ...said, text: quote(said.text, [key, sign]) }, output };
}

/** What `Envelope` reads of the usual answer that is well, without the time that a schema takes; undefined for any other. */
function readUsual(json: unknown): Told | undefined {
  const { ret, retcode, errmsg, message, output } = readFields(json) ?? {};
  if (ret !== 0 || retcode !== 0 || typeof errmsg !== 'string' || typeof message !== 'string')
    return undefined;
  return { said: { code: 0, text: errmsg || message }, output };
}

/** Not URLSearchParams: it writes a space as +, which is a form's way, and escapes less predictably. */
function toQueryString(query: Query): string {
  let text = '';
  for (const name in query) {
    const value = query[name];
    text += `&${name}=${typeof value === 'string' ? encode(value) : value}`;
  }
  return text;
}

/** Nearly all that is sent needs none, and one look is cheaper. */
function encode(text: string): string {
  return /[^\w.-]/.test(text) ? encodeURIComponent(text) : text;
}

/** The transport knows neither provider nor operation. */
function named({ kind, message }: ProviderError, context: string): ProviderError {
  return new ProviderError(kind, `${context}: ${message}`);
}
