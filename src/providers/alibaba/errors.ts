import type { HttpResponse } from '../../calls/call.ts';
import type { ProviderError } from '../../model/answer.ts';
import { clockSkewMs } from '../../model/http-time.ts';
import type { EpochMs } from '../../model/time.ts';
import {
  endpointAdvice,
  isSuccess,
  type KnownError,
  kindOfStatus,
  statusText,
  toHttpError,
  unknownSender,
} from '../kit/http-failure.ts';
import { adviceSuffix, clockSkewSuffix, quote } from '../kit/message.ts';
import type { ApiStatus } from './envelope.ts';

/**
 * Meaning of an error of Alibaba Cloud. In `advice`, OPERATION is a placeholder for the name of the requested
 * operation.
 */
interface AlibabaError extends KnownError {
  /** Whether a wrong local clock can cause the error. If so, the message includes the measured clock skew. */
  readonly isClock?: true;
}

const badKey: AlibabaError = { kind: 'auth', advice: 'check the access key id' };
const badSignature: AlibabaError = { kind: 'auth', advice: 'check the access key secret' };
const badClock: AlibabaError = { kind: 'auth', advice: 'check the clock of this host', isClock: true };
const badToken: AlibabaError = {
  kind: 'auth',
  advice: 'check the security token, which must be set, not expired, and issued for this access key',
};
const notGranted: AlibabaError = {
  kind: 'auth',
  advice: 'grant the permission live:OPERATION to the RAM user or role',
};
const badDomain: AlibabaError = {
  kind: 'refused',
  advice: 'check the domain: it must be a main streaming domain of this account, not an ingest domain',
};
const badEndpoint: AlibabaError = { kind: 'refused', advice: 'check the endpoint in the config' };
const badWindow: AlibabaError = {
  kind: 'refused',
  advice:
    'check the clock of this host: for the provider, the requested time range is too old, too long or in the future',
};
const throttled: AlibabaError = {
  kind: 'throttled',
  advice:
    'this rate limit applies to all clients of the account together; lower requests_per_second in the config',
};
const serverError: AlibabaError = { kind: 'unavailable' };

/**
 * Known errors, by error code or by the part of a code before its first dot. Sources: the pages 35411
 * (control history), 50285 (Live), 48054 (all products) and 42775 (STS) of help.aliyun.com/document_detail,
 * and the error center of Live. The sources give different HTTP statuses for nearly every code and misspell
 * messages, so a known code takes precedence over the HTTP status and the message.
 */
const knownErrors: ReadonlyMap<string, AlibabaError> = new Map([
  ['Throttling', throttled],
  ['InternalError', serverError],
  ['ServiceUnavailable', serverError],
  ['InvalidAccessKeyId', badKey],
  [
    'InvalidAccessKeyId.Inactive',
    { kind: 'auth', advice: 'the access key is disabled; enable it or use another key' },
  ],
  ['SignatureDoesNotMatch', badSignature],
  ['IncompleteSignature', badSignature],
  [
    'InvalidSignatureMethod',
    { kind: 'auth', advice: 'in the config, change signature from v1 to v3 or from v3 to v1' },
  ],
  ['InvalidTimeStamp', badClock],
  ['IllegalTimestamp', badClock],
  [
    'SignatureNonceUsed',
    {
      kind: 'auth',
      advice: 'a proxy between this host and the provider sends requests twice; correct the proxy',
    },
  ],
  ['InvalidSecurityToken', badToken],
  ['MissingSecurityToken', badToken],
  ['Forbidden', notGranted],
  ['NoPermission', notGranted],
  [
    'Forbidden.RiskControl',
    { kind: 'auth', advice: 'Alibaba Cloud has restricted the account; contact Alibaba Cloud' },
  ],
  ['IllegalOperation', badDomain],
  ['InvalidDomain', badDomain],
  ['InvalidIdentity.ServiceDisabled', { kind: 'refused', advice: 'enable ApsaraVideo Live for the account' }],
  ['InvalidApi', badEndpoint],
  ['InvalidProduct', badEndpoint],
  ['NoSuchVersion', badEndpoint],
  ['UnsupportedHTTPMethod', badEndpoint],
  ['InvalidProtocol', { kind: 'refused', advice: 'in the config, the endpoint must start with https://' }],
  ['InvalidStartTime', badWindow],
  ['InvalidEndTime', badWindow],
]);

/**
 * Reports whether the provider rejected a request only because of its timestamp or nonce, so that the same
 * request with a new timestamp and nonce can succeed.
 */
export function needsResign({ code }: ApiStatus): boolean {
  return code === 'InvalidTimeStamp.Expired' || code === 'SignatureNonceUsed';
}

/** HTTP response, with everything that its error message requires. */
export interface ResponseContext {
  readonly operation: string;
  readonly response: HttpResponse;
  /** Code and message in the body; undefined if the body does not come from Alibaba Cloud. */
  readonly status: ApiStatus | undefined;
  readonly now: EpochMs;
  /**
   * Returns the texts that must not appear in the error message, such as keys and the signature in all their
   * encoded forms. A function, because only the message of a failure needs them.
   */
  readonly secrets: () => readonly string[];
}

/**
 * Returns the failure that a response reports by its code or HTTP status; undefined if the response is a
 * success.
 */
export function toFailure(context: ResponseContext): ProviderError | undefined {
  const { operation, response, status, now } = context;
  if (isSuccess(response) && status?.code === undefined) return undefined;

  const known = status?.code === undefined ? errorOfForeign(response) : errorOf(status.code, response.status);
  const retryAfterMs = readAcsRetryAfterMs(response.headers['x-acs-retry-after']);
  // A response with an `x-acs-retry-after` header is throttled, even if its code means something else.
  // Source: official SDKs since July 2026.
  const kind = !isSuccess(response) && retryAfterMs !== undefined ? 'throttled' : known.kind;
  const message = `alibaba ${operation}: ${statusText(response)}${codeText(context, known)}${adviceText(context, known)}`;
  return toHttpError(kind, message, response, now, retryAfterMs);
}

/** Returns the meaning of a failed response without an error code, which Alibaba Cloud always sends. */
function errorOfForeign(response: HttpResponse): AlibabaError {
  const known = errorOfStatus(response.status) ?? { kind: 'refused', advice: endpointAdvice(response) };
  return known.kind === 'auth' ? unknownSender : known;
}

function errorOf(code: string, status: number): AlibabaError {
  // If both the code and the HTTP status are unknown, assume a permanent failure (`refused`), which is not
  // retried.
  return (
    knownErrors.get(code) ??
    knownErrors.get(code.split('.', 1)[0] ?? '') ??
    errorOfStatus(status) ?? { kind: 'refused' }
  );
}

function errorOfStatus(status: number): AlibabaError | undefined {
  const kind = kindOfStatus(status);
  if (kind === 'throttled') return throttled;
  return kind && { kind };
}

/**
 * Formats the error code for the message. If there is no advice, appends the provider's own message, except
 * for an `auth` failure: there, it contains the string to sign with the key ID and the token, or it names the
 * account.
 */
function codeText({ status, secrets }: ResponseContext, { kind, advice }: AlibabaError): string {
  if (status?.code === undefined) return '';
  const hidden = secrets();
  const code = `, ${quote(status.code, hidden)}`;
  return kind === 'auth' || advice !== undefined || status.text === ''
    ? code
    : `${code}: ${quote(status.text, hidden)}`;
}

function adviceText(
  { operation, response, now }: ResponseContext,
  { advice, isClock }: AlibabaError,
): string {
  const skew = isClock ? clockSkewSuffix(clockSkewMs(response.headers, now, now) ?? 0) : '';
  return adviceSuffix(advice && `${advice.replace('OPERATION', operation)}${skew}`);
}

/**
 * Parses an `x-acs-retry-after` header and returns the wait in milliseconds; undefined if the value is not a
 * positive integer. The official SDKs ignore such values too.
 */
function readAcsRetryAfterMs(header: string | undefined): number | undefined {
  const ms = /^\s*\d+\s*$/.test(header ?? '') ? Number(header) : 0;
  return ms > 0 && Number.isSafeInteger(ms) ? ms : undefined;
}
