import type { HttpRequest, Query } from '../../calls/call.ts';
import type { EpochMs } from '../../model/time.ts';
import type { AlibabaCredentials } from './credentials.ts';
import { toCanonicalQuery } from './query-string.ts';
import { signV1 } from './sign-v1.ts';
import { emptyBodyHash, signV3 } from './sign-v3.ts';
import { toAlibabaTime } from './times.ts';

export interface AlibabaSigning extends AlibabaCredentials {
  /** Scheme, host and port of the API. All operations have the path `/`. */
  readonly endpoint: string;
  /** Signature version of requests: ACS3-HMAC-SHA256 (v3), or the older HMAC-SHA1 (v1). */
  readonly signature: 'v1' | 'v3';
  /** Format in which the provider should send responses. */
  readonly format: 'json' | 'xml';
  readonly now: () => EpochMs;
  /**
   * Returns a nonce that differs from those of all earlier calls. The provider rejects a nonce that it saw in
   * the last 15 minutes.
   */
  readonly nonce: () => string;
}

export interface SignedRequest {
  readonly request: HttpRequest;
  /** Signature in `request`. It is a secret, so error messages must not contain it. */
  readonly signature: string;
}

/** API version of ApsaraVideo Live, which every request names. */
const version = '2016-11-01';

/** Builds a request with a new timestamp and nonce, and signs it. */
export function toSignedRequest(signing: AlibabaSigning, operation: string, query: Query): SignedRequest {
  return signing.signature === 'v1'
    ? toV1Request(signing, operation, query)
    : toV3Request(signing, operation, query);
}

/**
 * Builds a request with signature v1: a GET request with all parameters in the query, like every example of
 * the Live documentation.
 */
function toV1Request(signing: AlibabaSigning, operation: string, query: Query): SignedRequest {
  const { accessKeyId, accessKeySecret, securityToken, now, nonce } = signing;
  const parameters = {
    ...query,
    Action: operation,
    Version: version,
    // If a request has no `Format`, the provider responds in XML.
    Format: signing.format.toUpperCase(),
    AccessKeyId: accessKeyId,
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: nonce(),
    Timestamp: toAlibabaTime(now()),
    ...(securityToken !== undefined && { SecurityToken: securityToken }),
  };
  const signature = signV1('GET', parameters, accessKeySecret);
  const signed = toCanonicalQuery({ ...parameters, Signature: signature });
  return {
    request: {
      method: 'GET',
      url: `${new URL(signing.endpoint).origin}/?${signed}`,
      headers: { accept: mediaTypeOf(signing) },
    },
    signature,
  };
}

/**
 * Builds a request with signature v3: a POST request without a body, like that of the official SDK. The
 * parameters of the operation are in the query. The parameters common to all operations are in headers.
 */
function toV3Request(signing: AlibabaSigning, operation: string, query: Query): SignedRequest {
  const { accessKeyId, accessKeySecret, securityToken, now, nonce } = signing;
  // The signed host must equal the Host header that the HTTP client sends. `URL.host` includes the port,
  // unless it is the default port of the scheme, and so does the Host header.
  const { origin, host } = new URL(signing.endpoint);
  const method = 'POST';
  const headers = {
    host,
    'x-acs-action': operation,
    'x-acs-version': version,
    'x-acs-date': toAlibabaTime(now()),
    'x-acs-signature-nonce': nonce(),
    'x-acs-content-sha256': emptyBodyHash,
    ...(securityToken !== undefined && {
      'x-acs-accesskey-id': accessKeyId,
      'x-acs-security-token': securityToken,
    }),
  };
  const canonicalQuery = toCanonicalQuery(query);
  const authorization = signV3({ method, query: canonicalQuery, headers }, accessKeyId, accessKeySecret);
  return {
    // Signature v3 has no Format parameter. Like the official SDK, request the format with the header
    // `accept`, which is not signed.
    request: {
      method,
      url: `${origin}/?${canonicalQuery}`,
      headers: { ...headers, accept: mediaTypeOf(signing), authorization },
    },
    signature: authorization.slice(authorization.lastIndexOf('=') + 1),
  };
}

function mediaTypeOf({ format }: AlibabaSigning): string {
  return format === 'json' ? 'application/json' : 'application/xml';
}
