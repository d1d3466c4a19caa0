import type { HttpRequest, Query } from '../../../calls/call.ts';
import { type EpochMs, secondMs } from '../../../model/time.ts';
import { signStatcgi } from './sign-md5.ts';

export interface StatcgiEndpoint {
  readonly endpoint: string;
  /** APPID of the account, which requests contain as the parameter `cmd`. */
  readonly appId: number;
}

/** Signature that is used for all requests within one second. */
export interface StatcgiSignature {
  /** Time at which the signature expires, in seconds since 1970. */
  readonly t: number;
  readonly sign: string;
}

/**
 * Validity of a signature in seconds. It must be longer than normal clock skew, but short, because anybody
 * who reads a signature on the network can use it until it expires.
 */
const validSeconds = 300;

/**
 * Creates a function that returns the signature for a request at the current time. The signature of the
 * current second is cached.
 */
export function createSigner(now: () => EpochMs): (key: string) => StatcgiSignature {
  let last: (StatcgiSignature & { readonly key: string }) | undefined;
  return (key) => {
    const t = Math.floor(now() / secondMs) + validSeconds;
    if (last?.t !== t || last.key !== key) last = { t, sign: signStatcgi(key, t), key };
    return last;
  };
}

/** Creates a signed GET request with all parameters in the query. */
export function toRequest(
  { endpoint, appId }: StatcgiEndpoint,
  { t, sign }: StatcgiSignature,
  operation: string,
  query: Query,
): HttpRequest {
  const signed = `cmd=${appId}&interface=${operation}${toQueryString(query)}&t=${t}&sign=${sign}`;
  return { method: 'GET', url: endpoint, query: signed, headers: {} };
}

/**
 * Encodes parameters as a query string that starts with `&`. Does not use URLSearchParams, which would encode
 * a space as + as in an HTML form.
 */
function toQueryString(query: Query): string {
  let text = '';
  for (const name in query) {
    const value = query[name];
    text += `&${name}=${typeof value === 'string' ? encode(value) : value}`;
  }
  return text;
}

/**
 * Percent-encodes the value of a parameter. Most values need no encoding, and checking that is faster than
 * encoding.
 */
function encode(text: string): string {
  return /[^\w.-]/.test(text) ? encodeURIComponent(text) : text;
}
