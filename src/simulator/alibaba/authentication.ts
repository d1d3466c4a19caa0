import { type EpochMs, minuteMs } from '../../model/time.ts';
import type { AlibabaBehavior } from '../scenario/scenario.ts';
import { acs3Signature, isSameText, rpcSignature, sha256 } from '../signatures.ts';
import { type AlibabaCall, isV3, operation, parametersOf } from './call.ts';
import type { AlibabaFailure } from './errors.ts';
import { parseUtc } from './times.ts';

/** Maximum clock skew of a client, and TTL of a nonce in the replay cache. */
const toleranceMs = 15 * minuteMs;

/** Identity and signature of a request, for both signature versions. */
type Claims = Exclude<ReturnType<typeof readV1>, string>;

/**
 * Creates the authentication of the API gateway: it returns a failure, or undefined if the request passes. It remembers
 * the nonces of correctly signed requests, even if the requests then fail. Not documented: the order of the checks.
 */
export function createAuthentication(
  account: AlibabaBehavior['account'],
): (call: AlibabaCall, now: EpochMs) => AlibabaFailure | undefined {
  const isReplayed = createNonceCache();
  return (call, now) => {
    if (call.method !== 'GET' && call.method !== 'POST') return 'UnsupportedHTTPMethod';
    const claims = isV3(call) ? readV3(call) : readV1(call);
    if (typeof claims === 'string') return claims;
    if (claims.version !== '2016-11-01') return 'NoSuchVersion';
    if (claims.action !== operation) return 'InvalidApi.NotFound';
    return checkTime(claims.time, now) ?? checkCaller(claims, account, () => isReplayed(claims.nonce, now));
  };
}

function checkTime(time: string, now: EpochMs): AlibabaFailure | undefined {
  if (time === '') return 'IllegalTimestamp';
  const at = parseUtc(time);
  if (at === undefined) return 'InvalidTimeStamp.Format';
  return Math.abs(at - now) > toleranceMs ? 'InvalidTimeStamp.Expired' : undefined;
}

function checkCaller(
  claims: Claims,
  { accessKeyId, accessKeySecret, securityToken = '' }: AlibabaBehavior['account'],
  isNonceReplayed: () => boolean,
): AlibabaFailure | undefined {
  if (claims.accessKeyId !== accessKeyId) return 'InvalidAccessKeyId.NotFound';
  if (claims.securityToken === '' && securityToken !== '') return 'MissingSecurityToken';
  if (!isSameText(claims.securityToken, securityToken)) return 'InvalidSecurityToken.MismatchWithAccessKey';
  if (!claims.isSignedWith(accessKeySecret)) return 'SignatureDoesNotMatch';
  // Check the nonce last: only correctly signed requests may use it up.
  return isNonceReplayed() ? 'SignatureNonceUsed' : undefined;
}

function readV1(call: AlibabaCall) {
  const parameters = parametersOf(call);
  for (const name of requiredV1Parameters) if (!parameters.get(name)) return `Missing${name}` as const;
  if (parameters.get('SignatureMethod') !== 'HMAC-SHA1') return 'InvalidSignatureMethod';
  if (parameters.get('SignatureVersion') !== '1.0') return 'InvalidSignatureVersion';
  const textOf = (name: string) => parameters.get(name) ?? '';
  const signature = textOf('Signature');
  return {
    action: textOf('Action'),
    version: textOf('Version'),
    accessKeyId: textOf('AccessKeyId'),
    securityToken: textOf('SecurityToken'),
    time: textOf('Timestamp'),
    nonce: textOf('SignatureNonce'),
    isSignedWith: (secret: string): boolean => {
      parameters.delete('Signature');
      return isSameText(signature, rpcSignature(call.method, parameters, secret));
    },
  };
}

const requiredV1Parameters = [
  'Action',
  'Version',
  'AccessKeyId',
  'SignatureMethod',
  'SignatureVersion',
  'SignatureNonce',
  'Signature',
] as const;

function readV3(call: AlibabaCall): Claims | AlibabaFailure {
  const { headers, body } = call;
  const textOf = (name: string) => headers.get(name) ?? '';
  const authorization = textOf('authorization');
  if (!authorization.startsWith('ACS3-HMAC-SHA256')) {
    return authorization === '' ? 'IncompleteSignature' : 'InvalidSignatureMethod';
  }
  const [, accessKeyId, signed = '', signature] = authorizationPattern.exec(authorization) ?? [];
  if (accessKeyId === undefined || signature === undefined) return 'IncompleteSignature';
  if (textOf('x-acs-action') === '') return 'MissingAction';
  if (textOf('x-acs-version') === '') return 'MissingVersion';
  if (textOf('x-acs-signature-nonce') === '') return 'MissingSignatureNonce';
  const signedHeaders = signed.split(';');
  if (!coversRequiredHeaders(call, signedHeaders)) return 'IncompleteSignature';
  return {
    action: textOf('x-acs-action'),
    version: textOf('x-acs-version'),
    accessKeyId,
    securityToken: textOf('x-acs-security-token'),
    time: textOf('x-acs-date'),
    nonce: textOf('x-acs-signature-nonce'),
    isSignedWith: (secret) =>
      isSameText(textOf('x-acs-content-sha256'), sha256(body)) &&
      isSameText(signature, acs3Signature({ ...call, signedHeaders }, secret)),
  };
}

const authorizationPattern =
  /^ACS3-HMAC-SHA256 Credential=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([^,\s]+)$/;

/**
 * Reports whether the signature covers `host`, `content-type` if present, and every `x-acs-` header. Source: the V3
 * signature page and the official client.
 */
function coversRequiredHeaders({ headers }: AlibabaCall, signed: readonly string[]): boolean {
  const names = headers.keys().filter((name) => name === 'content-type' || name.startsWith('x-acs-'));
  return ['host', ...names].every((name) => signed.includes(name));
}

/** Creates the replay check: it stores a nonce and reports whether it was already seen within `toleranceMs`. */
function createNonceCache(): (nonce: string, now: EpochMs) => boolean {
  const seen = new Map<string, EpochMs>();
  return (nonce, now) => {
    for (const [old, at] of seen) {
      if (now - at <= toleranceMs) break;
      seen.delete(old);
    }
    if (seen.has(nonce)) return true;
    seen.set(nonce, now);
    return false;
  };
}
