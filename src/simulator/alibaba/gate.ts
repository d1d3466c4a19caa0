import { type EpochMs, minuteMs } from '../../model/time.ts';
import type { AlibabaBehavior } from '../scenario/scenario.ts';
import { acs3Signature, isSameText, rpcSignature, sha256 } from '../signatures.ts';
import { type AlibabaCall, isV3, parametersOf } from './call.ts';
import type { AlibabaFailure } from './errors.ts';
import { readUtc } from './times.ts';

/** For a clock that goes wrong, and for a nonce that comes again. */
const toleranceMs = 15 * minuteMs;

/** What a call says of itself, whichever way it is signed. */
interface Claim {
  readonly action: string;
  readonly version: string;
  readonly accessKeyId: string;
  readonly securityToken: string;
  readonly time: string;
  readonly nonce: string;
  isSignedWith(secret: string): boolean;
}

/**
 * Says what is wrong with the one who calls; undefined: nothing. It remembers the nonces of signed calls, whatever becomes
 * of them. In which order the provider checks is not documented.
 */
export function createGate(
  account: AlibabaBehavior['account'],
  operation: string,
): (call: AlibabaCall, now: EpochMs) => AlibabaFailure | undefined {
  const isUsed = createNonces();
  return (call, now) => {
    if (call.method !== 'GET' && call.method !== 'POST') return 'UnsupportedHTTPMethod';
    const claim = isV3(call) ? readV3(call) : readV1(call);
    if (typeof claim === 'string') return claim;
    if (claim.version !== '2016-11-01') return 'NoSuchVersion';
    if (claim.action !== operation) return 'InvalidApi.NotFound';
    return doubtTime(claim.time, now) ?? doubtCaller(claim, account, () => isUsed(claim.nonce, now));
  };
}

function doubtTime(time: string, now: EpochMs): AlibabaFailure | undefined {
  if (time === '') return 'IllegalTimestamp';
  const at = readUtc(time);
  if (at === undefined) return 'InvalidTimeStamp.Format';
  return Math.abs(at - now) > toleranceMs ? 'InvalidTimeStamp.Expired' : undefined;
}

function doubtCaller(
  claim: Claim,
  { accessKeyId, accessKeySecret, securityToken = '' }: AlibabaBehavior['account'],
  isNonceUsed: () => boolean,
): AlibabaFailure | undefined {
  if (claim.accessKeyId !== accessKeyId) return 'InvalidAccessKeyId.NotFound';
  if (claim.securityToken === '' && securityToken !== '') return 'MissingSecurityToken';
  if (!isSameText(claim.securityToken, securityToken)) return 'InvalidSecurityToken.MismatchWithAccessKey';
  if (!claim.isSignedWith(accessKeySecret)) return 'SignatureDoesNotMatch';
  // Last, so that nobody but the account can use up a nonce.
  return isNonceUsed() ? 'SignatureNonceUsed' : undefined;
}

function readV1(call: AlibabaCall): Claim | AlibabaFailure {
  const parameters = parametersOf(call);
  for (const name of requiredOfV1) if (!parameters.get(name)) return `Missing${name}`;
  if (parameters.get('SignatureMethod') !== 'HMAC-SHA1') return 'InvalidSignatureMethod';
  if (parameters.get('SignatureVersion') !== '1.0') return 'InvalidSignatureVersion';
  const of = (name: string) => parameters.get(name) ?? '';
  const signature = of('Signature');
  return {
    action: of('Action'),
    version: of('Version'),
    accessKeyId: of('AccessKeyId'),
    securityToken: of('SecurityToken'),
    time: of('Timestamp'),
    nonce: of('SignatureNonce'),
    isSignedWith: (secret) => {
      parameters.delete('Signature');
      return isSameText(signature, rpcSignature(call.method, parameters, secret));
    },
  };
}

const requiredOfV1 = [
  'Action',
  'Version',
  'AccessKeyId',
  'SignatureMethod',
  'SignatureVersion',
  'SignatureNonce',
  'Signature',
] as const;

function readV3(call: AlibabaCall): Claim | AlibabaFailure {
  const { headers, body } = call;
  const of = (name: string) => headers.get(name) ?? '';
  const authorization = of('authorization');
  if (!authorization.startsWith('ACS3-HMAC-SHA256')) {
    return authorization === '' ? 'IncompleteSignature' : 'InvalidSignatureMethod';
  }
  const [, accessKeyId, signed = '', signature] = credential.exec(authorization) ?? [];
  if (accessKeyId === undefined || signature === undefined) return 'IncompleteSignature';
  if (of('x-acs-action') === '') return 'MissingAction';
  if (of('x-acs-version') === '') return 'MissingVersion';
  if (of('x-acs-signature-nonce') === '') return 'MissingSignatureNonce';
  const signedHeaders = signed.split(';');
  if (!isAllSigned(call, signedHeaders)) return 'IncompleteSignature';
  return {
    action: of('x-acs-action'),
    version: of('x-acs-version'),
    accessKeyId,
    securityToken: of('x-acs-security-token'),
    time: of('x-acs-date'),
    nonce: of('x-acs-signature-nonce'),
    isSignedWith: (secret) =>
      isSameText(of('x-acs-content-sha256'), sha256(body)) &&
      isSameText(signature, acs3Signature({ ...call, signedHeaders }, secret)),
  };
}

const credential = /^ACS3-HMAC-SHA256 Credential=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([^,\s]+)$/;

/** `host`, `content-type` where there is one, and every `x-acs-` header: what the page and the official client sign. */
function isAllSigned({ headers }: AlibabaCall, signed: readonly string[]): boolean {
  const names = headers.keys().filter((name) => name === 'content-type' || name.startsWith('x-acs-'));
  return ['host', ...names].every((name) => signed.includes(name));
}

/** Whether a nonce was seen in the last quarter of an hour; from now on it was. */
function createNonces(): (nonce: string, now: EpochMs) => boolean {
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
