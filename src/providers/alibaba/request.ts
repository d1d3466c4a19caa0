import type { HttpRequest, Query } from '../../calls/call.ts';
import type { EpochMs } from '../../model/time.ts';
import { toCanonicalQuery } from './query-string.ts';
import { signV1 } from './sign-v1.ts';
import { emptyBodyHash, signV3 } from './sign-v3.ts';
import { toAlibabaTime } from './times.ts';

export interface AlibabaSigning {
  /** Scheme, host and port; the API has no path. */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Of temporary credentials only. */
  readonly securityToken?: string | undefined;
  readonly signature: 'v1' | 'v3';
  readonly format: 'json' | 'xml';
  readonly now: () => EpochMs;
  /** Another one at each call: one that was seen within 15 minutes is refused. */
  readonly nonce: () => string;
}

export interface SignedRequest {
  readonly request: HttpRequest;
  /** The signature itself. */
  readonly signature: string;
}

/** Of ApsaraVideo Live. */
const version = '2016-11-01';

/** One attempt at a call, with a time and a nonce of its own. */
export function toSignedRequest(signing: AlibabaSigning, operation: string, query: Query): SignedRequest {
  return signing.signature === 'v1' ? toV1(signing, operation, query) : toV3(signing, operation, query);
}

/** All in the query of a GET, as in every example of Live's pages. */
function toV1(signing: AlibabaSigning, operation: string, query: Query): SignedRequest {
  const { accessKeyId, accessKeySecret, securityToken, now, nonce } = signing;
  const parameters = {
    ...query,
    Action: operation,
    Version: version,
    // Without it Live answers in XML.
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
      headers: { accept: accepted(signing) },
    },
    signature,
  };
}

/** The operation's own parameters in the query, all else in headers: a POST without a body, as the official client sends. */
function toV3(signing: AlibabaSigning, operation: string, query: Query): SignedRequest {
  const { accessKeyId, accessKeySecret, securityToken, now, nonce } = signing;
  // The host with its port, unless that is the scheme's own: just what will be sent.
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
    // There is no Format here: the official client asks for JSON by this header, which is not signed.
    request: {
      method,
      url: `${origin}/?${canonicalQuery}`,
      headers: { ...headers, accept: accepted(signing), authorization },
    },
    signature: authorization.slice(authorization.lastIndexOf('=') + 1),
  };
}

function accepted({ format }: AlibabaSigning): string {
  return format === 'json' ? 'application/json' : 'application/xml';
}
