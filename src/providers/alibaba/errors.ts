import type { HttpResponse } from '../../calls/call.ts';
import { type FailureKind, ProviderError } from '../../model/answer.ts';
import { type EpochMs, minuteMs } from '../../model/time.ts';
import { quote, readRetryAfterMs } from '../kit/read.ts';
import type { ApiStatus } from './envelope.ts';

interface Fault {
  readonly kind: FailureKind;
  /** What to do; OPERATION stands for the name of it. */
  readonly advice?: string;
  /** Whether the clock may be to blame. */
  readonly isClock?: true;
}

const badKey: Fault = { kind: 'auth', advice: 'check the access key id' };
const badSignature: Fault = { kind: 'auth', advice: 'check the access key secret' };
const badClock: Fault = { kind: 'auth', advice: 'check the clock', isClock: true };
const badToken: Fault = {
  kind: 'auth',
  advice: 'the security token has to be there, in date, and of this access key',
};
const notGranted: Fault = { kind: 'auth', advice: 'grant the RAM user or role live:OPERATION' };
const badDomain: Fault = {
  kind: 'refused',
  advice: 'the domain has to be a main streaming domain of this account, not an ingest domain',
};
const badEndpoint: Fault = { kind: 'refused', advice: 'check the endpoint' };
const badWindow: Fault = {
  kind: 'refused',
  advice: 'check the clock: the time asked about is too old, too long, or ahead of the provider',
};
const throttled: Fault = {
  kind: 'throttled',
  advice: 'the limit is shared by all that use the account; lower requests_per_second',
};
const ourFault: Fault = { kind: 'unavailable' };

/**
 * By code, or by the part of it before the first dot. Sources: help.aliyun.com/document_detail/35411 (of control
 * history), 50285 and the error centre of Live, 48054 (of all products), 42775 (of the token service). They disagree on
 * the status of nearly every code, and misspell messages; so neither is looked at where the code is known.
 */
const faults: ReadonlyMap<string, Fault> = new Map([
  ['Throttling', throttled],
  ['InternalError', ourFault],
  ['ServiceUnavailable', ourFault],
  ['InvalidAccessKeyId', badKey],
  ['InvalidAccessKeyId.Inactive', { kind: 'auth', advice: 'the access key is disabled' }],
  ['SignatureDoesNotMatch', badSignature],
  ['IncompleteSignature', badSignature],
  ['InvalidSignatureMethod', { kind: 'auth', advice: 'set signature to the other of v1 and v3' }],
  ['InvalidTimeStamp', badClock],
  ['IllegalTimestamp', badClock],
  ['SignatureNonceUsed', { kind: 'auth', advice: 'something on the way sends requests twice' }],
  ['InvalidSecurityToken', badToken],
  ['MissingSecurityToken', badToken],
  ['Forbidden', notGranted],
  ['NoPermission', notGranted],
  ['Forbidden.RiskControl', { kind: 'auth', advice: 'Alibaba has restricted the account' }],
  ['IllegalOperation', badDomain],
  ['InvalidDomain', badDomain],
  ['InvalidIdentity.ServiceDisabled', { kind: 'refused', advice: 'ApsaraVideo Live is not enabled' }],
  ['InvalidApi', badEndpoint],
  ['InvalidProduct', badEndpoint],
  ['NoSuchVersion', badEndpoint],
  ['UnsupportedHTTPMethod', badEndpoint],
  ['InvalidProtocol', { kind: 'refused', advice: 'the endpoint has to begin with https' }],
  ['InvalidStartTime', badWindow],
  ['InvalidEndTime', badWindow],
]);

/** Whether only the time or the nonce of a request was no good any more: the same with fresh ones may be well. */
export function needsResign({ code }: ApiStatus): boolean {
  return code === 'InvalidTimeStamp.Expired' || code === 'SignatureNonceUsed';
}

/** An answer, and all that is needed to say what is wrong with it. */
export interface FailedResponse {
  readonly operation: string;
  readonly answer: HttpResponse;
  /** undefined: the body could not be read, and is nothing of Alibaba's. */
  readonly status: ApiStatus | undefined;
  readonly now: EpochMs;
  /** Not to be seen in the message. */
  readonly secrets: readonly string[];
}

/** The failure that an answer tells of, by its code or its status; undefined when it is one that brings something. */
export function toFailure(judged: FailedResponse): ProviderError | undefined {
  const { operation, answer, status, now } = judged;
  const isWell = answer.status >= 200 && answer.status < 300;
  if (isWell && status?.code === undefined) return undefined;

  const fault = faultOf(status?.code, answer.status);
  const waitMs = readAcsRetryAfterMs(answer.headers['x-acs-retry-after']);
  // As the official clients do since July 2026: the header tells of throttling whatever the code says.
  const kind = !isWell && waitMs !== undefined ? 'throttled' : fault.kind;
  const retryAfterMs = waitMs ?? readRetryAfterMs(answer.headers['retry-after'], now);
  const message = `alibaba ${operation}: HTTP ${answer.status}${wordsOf(judged, fault)}${adviceOf(judged, fault)}`;
  return new ProviderError(kind, message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

function faultOf(code: string | undefined, status: number): Fault {
  if (code === undefined) return faultOfStatus(status) ?? badEndpoint;
  // An unknown code is a "no" that asking again will not change.
  return (
    faults.get(code) ??
    faults.get(code.split('.', 1)[0] ?? '') ??
    faultOfStatus(status) ?? { kind: 'refused' }
  );
}

function faultOfStatus(status: number): Fault | undefined {
  if (status === 401 || status === 403 || status === 407) return { kind: 'auth' };
  if (status === 429) return throttled;
  if (status === 408 || status >= 500) return { kind: 'unavailable' };
  return undefined;
}

/**
 * The code, and the provider's own words where we have none. Never those of `auth`: they hold the string that was
 * signed, with key id and token in it, or name the account.
 */
function wordsOf({ status, secrets }: FailedResponse, { kind, advice }: Fault): string {
  if (status?.code === undefined) return '';
  const code = `, ${quote(status.code, secrets)}`;
  return kind === 'auth' || advice !== undefined || status.text === ''
    ? code
    : `${code}: ${quote(status.text, secrets)}`;
}

function adviceOf({ operation, answer, now }: FailedResponse, { advice, isClock }: Fault): string {
  if (advice === undefined) return '';
  const skew = isClock ? skewText(now - Date.parse(answer.headers.date ?? '')) : '';
  return ` (${advice.replace('OPERATION', operation)}${skew})`;
}

/** In whole minutes, so that the sentence stays the same from one call to the next. */
function skewText(skewMs: number): string {
  const minutes = Math.round(Math.abs(skewMs) / minuteMs);
  if (!(minutes >= 1)) return '';
  return `: it is about ${minutes} min ${skewMs > 0 ? 'ahead of' : 'behind'} the provider's`;
}

/** In milliseconds, unlike Retry-After. The official clients ignore all that is no positive whole number. */
function readAcsRetryAfterMs(header: string | undefined): number | undefined {
  const ms = /^\s*\d+\s*$/.test(header ?? '') ? Number(header) : 0;
  return ms > 0 && Number.isSafeInteger(ms) ? ms : undefined;
}
