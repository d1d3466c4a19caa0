import { type EpochMs, minuteMs, secondMs } from '../../model/time.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { isSameText, tc3Signature } from '../signatures.ts';
import { type Api3Call, operationOf } from './call.ts';
import type { Api3Failure } from './errors.ts';

/** Maximum difference in ms between the timestamp of a request and the simulator's clock. */
const toleranceMs = 5 * minuteMs;

const authorizationPattern =
  /^TC3-HMAC-SHA256 Credential=([^/,\s]+)\/([\d-]+)\/([a-z]+)\/tc3_request, ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/;

/**
 * Authenticates a request with a signature TC3-HMAC-SHA256 as API 3.0 documents it. Returns the code of the failure;
 * undefined if the request passes. Not documented: the order of the checks.
 */
export function authenticate(
  call: Api3Call,
  { secretId, secretKey, token = '' }: Scenario['account'],
  now: EpochMs,
): Api3Failure | undefined {
  const headerOf = (name: string) => call.headers.get(name) ?? '';
  const match = authorizationPattern.exec(headerOf('authorization'));
  const timestamp = headerOf('x-tc-timestamp');
  if (match === null || !/^\d{1,11}$/.test(timestamp) || call.method !== 'POST') {
    return 'AuthFailure.InvalidAuthorization';
  }
  const [, id, date = '', service = '', signed = '', signature = ''] = match;
  if (id !== secretId) return 'AuthFailure.SecretIdNotFound';
  const at = Number(timestamp) * secondMs;
  if (Math.abs(at - now) > toleranceMs) return 'AuthFailure.SignatureExpire';
  if (!isSameText(headerOf('x-tc-token'), token)) return 'AuthFailure.TokenFailure';
  const signedHeaders = signed.split(';');
  const isWhole = ['content-type', 'host'].every((name) => signedHeaders.includes(name));
  const isScope = service === 'live' && date === new Date(at).toISOString().slice(0, 10);
  const expected = tc3Signature({ ...call, timestamp, date, service, signedHeaders }, secretKey);
  if (!isWhole || !isScope || !isSameText(signature, expected)) return 'AuthFailure.SignatureFailure';
  if (headerOf('x-tc-version') !== '2018-08-01') return 'NoSuchVersion';
  return operationOf(call) === undefined ? 'InvalidAction' : undefined;
}
