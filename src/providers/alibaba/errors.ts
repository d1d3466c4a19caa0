import type { ProviderError } from '../../model/answer.ts';
import {
  type CodedError,
  type CodedErrors,
  type CodedResponse,
  knownErrorOf,
  throttled,
  toCodedFailure,
} from '../kit/coded-failure.ts';
import { isSuccess } from '../kit/http-failure.ts';
import type { ApiStatus } from './envelope.ts';
import { type DomainKind, operationOf } from './operations.ts';

const badKey: CodedError = { kind: 'auth', reason: 'key_id', advice: 'check the access key id' };
const badSignature: CodedError = {
  kind: 'auth',
  reason: 'key_secret',
  advice: 'check the access key secret',
};
const badClock: CodedError = {
  kind: 'auth',
  reason: 'clock',
  advice: 'check the clock of this host',
  isClock: true,
};
const badToken: CodedError = {
  kind: 'auth',
  reason: 'token',
  advice: 'check the security token, which must be set, not expired, and issued for this access key',
};
const notGranted: CodedError = {
  kind: 'auth',
  reason: 'permission',
  advice: 'grant the permission live:OPERATION to the RAM user or role',
};
const badEndpoint: CodedError = {
  kind: 'refused',
  reason: 'endpoint',
  advice: 'check the endpoint in the config',
};
const badWindow: CodedError = {
  kind: 'refused',
  reason: 'time_range',
  advice:
    'check the clock of this host: for the provider, the requested time range is too old, too long or in the future',
};
const serverError: CodedError = { kind: 'unavailable', reason: 'server_error' };

/**
 * Known errors, by error code or by the part of a code before its first dot. Sources: the pages 35411
 * (control history), 50285 (Live), 48054 (all products) and 42775 (STS) of help.aliyun.com/document_detail,
 * and the error center of Live. The sources give different HTTP statuses for nearly every code and misspell
 * messages, so a known code takes precedence over the HTTP status and the message.
 */
const knownErrors: CodedErrors = new Map([
  ['Throttling', throttled],
  ['InternalError', serverError],
  ['ServiceUnavailable', serverError],
  ['InvalidAccessKeyId', badKey],
  [
    'InvalidAccessKeyId.Inactive',
    { kind: 'auth', reason: 'key_id', advice: 'the access key is disabled; enable it or use another key' },
  ],
  ['SignatureDoesNotMatch', badSignature],
  ['IncompleteSignature', badSignature],
  [
    'InvalidSignatureMethod',
    {
      kind: 'auth',
      reason: 'signature_version',
      advice: 'in the config, change signature from v1 to v3 or from v3 to v1',
    },
  ],
  ['InvalidTimeStamp', badClock],
  ['IllegalTimestamp', badClock],
  [
    'SignatureNonceUsed',
    {
      kind: 'auth',
      reason: 'proxy_failed',
      advice: 'a proxy between this host and the provider sends requests twice; correct the proxy',
    },
  ],
  ['InvalidSecurityToken', badToken],
  ['MissingSecurityToken', badToken],
  ['Forbidden', notGranted],
  ['NoPermission', notGranted],
  [
    'Forbidden.RiskControl',
    {
      kind: 'auth',
      reason: 'key_restricted',
      advice: 'Alibaba Cloud has restricted the account; contact Alibaba Cloud',
    },
  ],
  [
    'InvalidIdentity.ServiceDisabled',
    { kind: 'refused', reason: 'service_not_enabled', advice: 'enable ApsaraVideo Live for the account' },
  ],
  ['InvalidApi', badEndpoint],
  ['InvalidProduct', badEndpoint],
  ['NoSuchVersion', badEndpoint],
  ['UnsupportedHTTPMethod', badEndpoint],
  [
    'InvalidProtocol',
    { kind: 'refused', reason: 'endpoint', advice: 'in the config, the endpoint must start with https://' },
  ],
  ['InvalidStartTime', badWindow],
  ['InvalidEndTime', badWindow],
  ['InvalidQueryTime', badWindow],
]);

/** What to do if the provider rejects the domain, by the kind of domain that the operation needs. */
const domainAdvice: Readonly<Record<DomainKind, string>> = {
  streaming: 'check the domain: it must be a main streaming domain of this account, not an ingest domain',
  ingest:
    'the operation needs an ingest domain of this account: check the domain, which must be a main streaming domain, and its push_domains in the config',
  any: 'check the domain: it must be a domain of ApsaraVideo Live of this account',
};

/** Codes with which the provider rejects a domain: it is not of this account, or of the wrong kind. */
const domainCodes = [
  ['IllegalOperation', 'domain_kind'],
  ['InvalidDomain', 'domain_not_found'],
] as const;

const errorsByDomain: Readonly<Record<DomainKind, CodedErrors>> = {
  streaming: withDomain('streaming'),
  ingest: withDomain('ingest'),
  any: withDomain('any'),
};

function withDomain(kind: DomainKind): CodedErrors {
  const advice = domainAdvice[kind];
  const errors = domainCodes.map(([code, reason]): readonly [string, CodedError] => [
    code,
    { kind: 'refused', reason, advice },
  ]);
  return new Map([...knownErrors, ...errors]);
}

/**
 * Reports whether the provider rejected a request only because of its timestamp or nonce, so that the same
 * request with a new timestamp and nonce can succeed.
 */
export function needsResign({ code }: ApiStatus): boolean {
  return code === 'InvalidTimeStamp.Expired' || code === 'SignatureNonceUsed';
}

/**
 * Reports whether the provider refused a request because the RAM user or role lacks the permission for the
 * operation.
 */
export function isNotGranted({ code = '' }: ApiStatus): boolean {
  return knownErrorOf(knownErrors, code) === notGranted;
}

/** HTTP response, with everything that its error message requires. */
export interface ResponseContext extends Pick<CodedResponse, 'operation' | 'response' | 'now' | 'secrets'> {
  /** Code and message in the body; undefined if the body does not come from Alibaba Cloud. */
  readonly status: ApiStatus | undefined;
}

/**
 * Returns the failure that a response reports by its code or HTTP status; undefined if the response is a
 * success. Source of the header `x-acs-retry-after`: official SDKs since July 2026.
 */
export function toFailure(context: ResponseContext): ProviderError | undefined {
  const { response, status } = context;
  const code = status?.code;
  if (isSuccess(response) && code === undefined) return undefined;
  const error = code === undefined ? undefined : { code, text: status?.text ?? '' };
  const retryAfterMs = readAcsRetryAfterMs(response.headers['x-acs-retry-after']);
  const errors = errorsByDomain[operationOf(context.operation).domain];
  return toCodedFailure(errors, { ...context, provider: 'alibaba', error, retryAfterMs });
}

/**
 * Parses an `x-acs-retry-after` header and returns the wait in milliseconds; undefined if the value is not a
 * positive integer. The official SDKs ignore such values too.
 */
function readAcsRetryAfterMs(header: string | undefined): number | undefined {
  const ms = /^\s*\d+\s*$/.test(header ?? '') ? Number(header) : 0;
  return ms > 0 && Number.isSafeInteger(ms) ? ms : undefined;
}
