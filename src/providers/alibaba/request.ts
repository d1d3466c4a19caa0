import type { HttpRequest, Query } from '../../calls/call.ts';
import type { EpochMs } from '../../model/time.ts';
import type { AlibabaCredentials } from './credentials.ts';
import { operationOf } from './operations.ts';
import { toCanonicalQuery } from './query-string.ts';
import { signV1 } from './sign-v1.ts';
import { emptyBodyHash, signV3 } from './sign-v3.ts';
import { toAlibabaTime } from './times.ts';

export interface AlibabaSigning extends AlibabaCredentials {
  /** Scheme, host and port of the API. All operations have the path `/`. */
  readonly endpoint: string;
  /** Signature version of requests: ACS3-HMAC-SHA256 (v3), or the older HMAC-SHA1 (v1). */
  readonly signature: 'v1' | 'v3';
  /** Format in which the provider is asked to respond. */
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
  /** Signature that `request` contains. It is a secret, so it must not appear in error messages. */
  readonly signature: string;
}

/** API version of ApsaraVideo Live. Every request contains it. */
const version = '2016-11-01';

/** Creates and signs a request with a new timestamp and nonce. */
export function toSignedRequest(signing: AlibabaSigning, operation: string, query: Query): SignedRequest {
  return signing.signature === 'v1'
    ? toV1Request(signing, operation, query)
    : toV3Request(signing, operation, query);
}

/**
 * Creates a request with signature v1. It is a GET request with all parameters in the query, as in every
 * example of the Live documentation. All operations accept GET.
 */
function toV1Request(signing: AlibabaSigning, operation: string, query: Query): SignedRequest {
  const { accessKeyId, accessKeySecret, securityToken, now, nonce } = signing;
  const parameters = {
    ...query,
    Action: operation,
    Version: version,
    // Without the parameter `Format`, the provider responds in XML.
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
      ...limitsOf(operation),
    },
    signature,
  };
}

/**
 * Creates a request with signature v3, without a body and with the method that the official SDK uses. The
 * parameters of the operation are in the query, and those common to all operations are in headers.
 */
function toV3Request(signing: AlibabaSigning, operation: string, query: Query): SignedRequest {
  const { accessKeyId, accessKeySecret, securityToken, now, nonce } = signing;
  // The signed host must equal the Host header that the HTTP client sends. Both `URL.host` and the Host
  // header include the port only if it is not the default port of the scheme.
  const { origin, host } = new URL(signing.endpoint);
  const { method } = operationOf(operation);
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
    // With signature v3, there is no parameter Format. Like the official SDK, request the format with the
    // header `accept`, which the signature does not cover.
    request: {
      method,
      url: `${origin}/?${canonicalQuery}`,
      headers: { ...headers, accept: mediaTypeOf(signing), authorization },
      ...limitsOf(operation),
    },
    signature: authorization.slice(authorization.lastIndexOf('=') + 1),
  };
}

function limitsOf(operation: string): Pick<HttpRequest, 'maxBodyBytes'> {
  const { maxBodyBytes } = operationOf(operation);
  return maxBodyBytes === undefined ? {} : { maxBodyBytes };
}

function mediaTypeOf({ format }: AlibabaSigning): string {
  return format === 'json' ? 'application/json' : 'application/xml';
}
