import { createHash, createHmac } from 'node:crypto';

const algorithm = 'ACS3-HMAC-SHA256';

/** The `x-acs-content-sha256` of a call without a body, as all of ours are. */
export const emptyBodyHash = sha256('');

/** A call without a body, at the root of its host. */
export interface V3Request {
  readonly method: string;
  /** Canonical, without a question mark. */
  readonly query: string;
  /** All that are to be signed, by lower-case name: `host` and every `x-acs-*` that is sent. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The `Authorization` header of a request. Source: alibabacloud.com/help/en/sdk/product-overview,
 * "v3-request-structure-and-signature", whose example is in the test.
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
