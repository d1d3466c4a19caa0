import type { HttpRequest, Query } from '../../../calls/call.ts';
import { type EpochMs, secondMs } from '../../../model/time.ts';
import { signStatcgi } from './sign-md5.ts';

export interface StatcgiEndpoint {
  readonly endpoint: string;
  /** APPID of the account, which the API calls `cmd`. */
  readonly appId: number;
}

/** Signature that all requests within one second share. */
export interface StatcgiSignature {
  /** Time at which the signature expires, in seconds since 1970. */
  readonly t: number;
  readonly sign: string;
}

/**
 * Validity of a signature in seconds. The validity must exceed usual clock skew, but be short, because
 * anybody who reads a signature on the network can send it again until it expires.
 */
const validSeconds = 300;

/**
 * Returns a function that returns the signature for a request at the current time. The function caches the
 * signature of the current second.
 */
export function createSigner(now: () => EpochMs): (key: string) => StatcgiSignature {
  let last: (StatcgiSignature & { readonly key: string }) | undefined;
  return (key) => {
    const t = Math.floor(now() / secondMs) + validSeconds;
    if (last?.t !== t || last.key !== key) last = { t, sign: signStatcgi(key, t), key };
    return last;
  };
}

/** Builds a signed GET request with all parameters in the query. */
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
 * Encodes parameters as a query string that starts with `&`. URLSearchParams is not suitable, because it
 * encodes a space as + like an HTML form.
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
 * Percent-encodes the value of a parameter. Most values need no encoding, and the check for that is faster
 * than encoding.
 */
function encode(text: string): string {
  return /[^\w.-]/.test(text) ? encodeURIComponent(text) : text;
}
