import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Whether `sign` is md5(key + t), the key first, in lower-case hex. Source: the security section of the stream management
 * page. Written apart from the exporter's own signing, which would otherwise be checked by itself.
 */
export function isStatcgiSign(sign: string, key: string, t: string): boolean {
  const expected = createHash('md5').update(key).update(t).digest('hex');
  return isSameText(sign, expected);
}

/**
 * The Signature of an RPC call (HMAC-SHA1): `parameters` are those of query and form, without `Signature` itself.
 * Source: the page about signing RPC calls of the Alibaba Cloud API.
 */
export function rpcSignature(method: string, parameters: URLSearchParams, secret: string): string {
  const text = `${method}&${encoded('/')}&${encoded(canonicalQuery(parameters))}`;
  return createHmac('sha1', `${secret}&`).update(text).digest('base64');
}

/** What the newer scheme of the Alibaba Cloud API signs of a request. */
export interface Acs3Request {
  readonly method: string;
  readonly query: URLSearchParams;
  /** Names in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  readonly signedHeaders: readonly string[];
  readonly body: Uint8Array;
}

/** The Signature of an ACS3-HMAC-SHA256 call. Source: the page about the V3 request structure and signature. */
export function acs3Signature(request: Acs3Request, secret: string): string {
  const names = request.signedHeaders.toSorted();
  const canonical = [
    request.method,
    '/',
    canonicalQuery(request.query),
    ...names.map((name) => `${name}:${(request.headers.get(name) ?? '').trim()}`),
    '',
    names.join(';'),
    sha256(request.body),
  ].join('\n');
  return createHmac('sha256', secret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest('hex');
}

/** In lower-case hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Takes as long for a nearly right text as for any other of its length. */
export function isSameText(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function canonicalQuery(parameters: URLSearchParams): string {
  return [...parameters]
    .toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join('&');
}

/** All but letters, digits and `-_.~`, as UTF-8. encodeURIComponent leaves five more. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
