import { type EpochMs, minuteMs } from '../../model/time.ts';
import type { AlibabaBehavior } from '../scenario/scenario.ts';
import { acs3Signature, isSameText, rpcSignature, sha256 } from '../signatures.ts';
import { type AlibabaCall, isOperation, isV3, operations, parametersOf } from './call.ts';
import type { AlibabaFailure } from './errors.ts';
import { parseUtc } from './times.ts';

/**
 * Maximum difference in ms between the timestamp of a request and the simulator's clock. It is also the time
 * for which the replay cache keeps a nonce.
 */
const toleranceMs = 15 * minuteMs;

/**
 * Parts of a V1 or V3 signature that are checked: access key, timestamp, nonce, requested operation and the
 * signature itself.
 */
type Claims = Exclude<ReturnType<typeof readV1>, string>;

/**
 * Creates the authentication check of the API gateway. The check returns a failure code, or undefined if the
 * request passes. It remembers the nonces of all correctly signed requests, even of those that fail later for
 * another reason. Not documented: the order in which the gateway checks a request.
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
    if (!isOperation(claims.action)) return 'InvalidApi.NotFound';
    const methods: readonly string[] = operations[claims.action];
    if (!methods.includes(call.method)) return 'UnsupportedHTTPMethod';
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
  // Check the nonce last, because checking it also stores it: a request with a wrong signature must not use
  // up a nonce.
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
 * Reports whether the signed headers of a V3 signature include `host`, `content-type` if the request has one,
 * and every `x-acs-` header of the request. Source: the V3 signature page and the official client.
 */
function coversRequiredHeaders({ headers }: AlibabaCall, signed: readonly string[]): boolean {
  const names = headers.keys().filter((name) => name === 'content-type' || name.startsWith('x-acs-'));
  return ['host', ...names].every((name) => signed.includes(name));
}

/**
 * Creates the replay check. Each call stores a nonce at the time `now` (wall clock, epoch ms) and reports
 * whether it was already stored within the last `toleranceMs`.
 */
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
