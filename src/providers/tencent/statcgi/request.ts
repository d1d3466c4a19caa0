import type { HttpRequest, Query } from '../../../calls/call.ts';
import { type EpochMs, secondMs } from '../../../model/time.ts';
import { signStatcgi } from './sign-md5.ts';

export interface StatcgiEndpoint {
  readonly endpoint: string;
  /** The API's parameter `cmd`. */
  readonly appId: number;
}

/** Signature of all requests of one second. */
export interface StatcgiSignature {
  /** Expiry, in seconds since 1970. */
  readonly t: number;
  readonly sign: string;
}

/** Validity of a signature: enough for clock skew, and short, because a signature read on the network can be replayed. */
const validSeconds = 300;

/** Returns a function that signs a request at `now`. It caches the signature of the current second. */
export function createSigner(now: () => EpochMs): (key: string) => StatcgiSignature {
  let last: (StatcgiSignature & { readonly key: string }) | undefined;
  return (key) => {
    const t = Math.floor(now() / secondMs) + validSeconds;
    if (last?.t !== t || last.key !== key) last = { t, sign: signStatcgi(key, t), key };
    return last;
  };
}

/** Builds a GET request with all parameters in the query. */
export function toRequest(
  { endpoint, appId }: StatcgiEndpoint,
  { t, sign }: StatcgiSignature,
  operation: string,
  query: Query,
): HttpRequest {
  const signed = `cmd=${appId}&interface=${operation}${toQueryString(query)}&t=${t}&sign=${sign}`;
  return { method: 'GET', url: endpoint, query: signed, headers: {} };
}

/** Encodes parameters. URLSearchParams does not fit: it encodes a space as + like an HTML form. */
function toQueryString(query: Query): string {
  let text = '';
  for (const name in query) {
    const value = query[name];
    text += `&${name}=${typeof value === 'string' ? encode(value) : value}`;
  }
  return text;
}

/** Percent-encodes a value. The check is faster than encoding, and most values need none. */
function encode(text: string): string {
  return /[^\w.-]/.test(text) ? encodeURIComponent(text) : text;
}
