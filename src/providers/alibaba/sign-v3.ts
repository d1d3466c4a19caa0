import { createHash, createHmac } from 'node:crypto';

const algorithm = 'ACS3-HMAC-SHA256';

/** Value of `x-acs-content-sha256` for an empty body. The exporter sends only requests without a body. */
export const emptyBodyHash = sha256('');

/** Parts of a request that signature v3 covers. The request has no body and its path is `/`. */
export interface V3Request {
  readonly method: string;
  /** Canonical query string, without the leading question mark. */
  readonly query: string;
  /** Values of the headers to sign, by lower-case name: `host` and every `x-acs-*` header of the request. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Returns the value of the `Authorization` header of a request (ACS3-HMAC-SHA256). Source:
 * alibabacloud.com/help/en/sdk/product-overview, "v3-request-structure-and-signature", whose example is a
 * test vector.
 */
export function signV3(request: V3Request, accessKeyId: string, accessKeySecret: string): string {
  const { method, query, headers } = request;
  const sorted = Object.entries(headers).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const canonicalHeaders = sorted.map(([name, value]) => `${name}:${value.trim()}\n`).join('');
  const signedHeaders = sorted.map(([name]) => name).join(';');
  const canonical = [method, '/', query, canonicalHeaders, signedHeaders, emptyBodyHash].join('\n');
  const signature = createHmac('sha256', accessKeySecret)
    .update(`${algorithm}\n${sha256(canonical)}`)
    .digest('hex');
  return `${algorithm} Credential=${accessKeyId},SignedHeaders=${signedHeaders},Signature=${signature}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
