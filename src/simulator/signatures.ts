import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { AlibabaCall } from './alibaba/call.ts';
import type { Api3Call } from './api3/call.ts';

/**
 * Reports whether `sign` is the signature of the Tencent API: md5(key + t) in lower-case hex. Source:
 * security section of the stream management page. The simulator shares no signature code with
 * `src/providers/`, because a bug in the exporter's signature must not verify itself.
 */
export function isStatcgiSign(sign: string, key: string, t: string): boolean {
  const expected = createHash('md5').update(key).update(t).digest('hex');
  return isSameText(sign, expected);
}

/**
 * Returns the V1 signature (HMAC-SHA1, Base64) of an RPC request to the Alibaba Cloud API. `parameters`
 * contains the query and form parameters without `Signature`. Source: Alibaba Cloud API, page on the
 * signature of RPC requests.
 */
export function rpcSignature(method: string, parameters: URLSearchParams, secret: string): string {
  const text = `${method}&${percentEncode('/')}&${percentEncode(canonicalQuery(parameters))}`;
  return createHmac('sha1', `${secret}&`).update(text).digest('base64');
}

/**
 * Request to the Alibaba Cloud API with a V3 signature, and the names of the headers that the signature
 * covers.
 */
interface Acs3Request extends AlibabaCall {
  readonly signedHeaders: readonly string[];
}

/**
 * Returns the V3 signature (ACS3-HMAC-SHA256, lower-case hex) of a request to the Alibaba Cloud API. Source:
 * page on the V3 request structure and signature.
 */
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

/** Request to API 3.0 of Tencent Cloud, and the parts of its signature. */
interface Tc3Request extends Api3Call {
  /** Value of the header `X-TC-Timestamp`. */
  readonly timestamp: string;
  /** Date and product in the credential scope. */
  readonly date: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
}

/**
 * Returns the signature TC3-HMAC-SHA256 (lower-case hex) of a request to API 3.0 of Tencent Cloud. Source: page on
 * the signature v3 of API 3.0.
 */
export function tc3Signature(request: Tc3Request, secretKey: string): string {
  const { timestamp, date, service } = request;
  const names = request.signedHeaders.toSorted();
  const headerOf = (name: string) => (request.headers.get(name) ?? '').trim().toLowerCase();
  const canonical = [
    request.method,
    '/',
    '',
    ...names.map((name) => `${name}:${headerOf(name)}`),
    '',
    names.join(';'),
    sha256(request.body),
  ].join('\n');
  const keys = [date, service, 'tc3_request'];
  const key = keys.reduce<string | Buffer>(
    (parent, part) => createHmac('sha256', parent).update(part).digest(),
    `TC3${secretKey}`,
  );
  const scope = keys.join('/');
  return createHmac('sha256', key)
    .update(`TC3-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`)
    .digest('hex');
}

/** Returns the SHA-256 digest of `content` in lower-case hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Compares two texts. Takes constant time for texts of equal length. */
export function isSameText(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function canonicalQuery(parameters: URLSearchParams): string {
  return [...parameters]
    .toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join('&');
}

/**
 * Percent-encodes the UTF-8 bytes of a text, except letters, digits and `-_.~` (RFC 3986).
 * `encodeURIComponent` alone does not suffice, because it leaves `!'()*` unencoded.
 */
function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
