import type { ProviderError } from '../../../model/answer.ts';
import {
  type CodedError,
  type CodedErrors,
  type CodedResponse,
  throttled,
  toCodedFailure,
} from '../../kit/coded-failure.ts';
import { isSuccess } from '../../kit/http-failure.ts';
import type { ApiError } from './envelope.ts';

const badId: CodedError = { kind: 'auth', reason: 'key_id', advice: 'check the secret id' };
const badKey: CodedError = { kind: 'auth', reason: 'key_secret', advice: 'check the secret key' };
const badToken: CodedError = {
  kind: 'auth',
  reason: 'token',
  advice: 'check the token, which must be set, not expired, and issued for this secret id',
};
const notGranted: CodedError = {
  kind: 'auth',
  reason: 'permission',
  advice: 'grant the permission live:OPERATION to the CAM user or role',
};
const serviceOff: CodedError = {
  kind: 'refused',
  reason: 'service_stopped',
  advice:
    'the live service of the account is banned, frozen, in arrears or disabled; check it in the console',
};
const noService: CodedError = {
  kind: 'refused',
  reason: 'service_not_enabled',
  advice: 'enable CSS (live) for the account',
};
const unknownDomain: CodedError = {
  kind: 'refused',
  reason: 'domain_not_found',
  advice: 'check the domain: it must be a push domain of this account',
};
const notOffered: CodedError = {
  kind: 'refused',
  reason: 'not_offered',
  advice: 'this site does not offer the operation; check site and endpoint in the config',
};
const serverError: CodedError = { kind: 'unavailable', reason: 'server_error' };
const badRequest: CodedError = { kind: 'refused', reason: 'parameter' };
/** Like a response above the exporter's own limit, so that a shorter window is requested. */
const tooLarge: CodedError = { kind: 'malformed', reason: 'too_large' };
const unknownStream: CodedError = { kind: 'refused', reason: 'stream_not_found' };

/**
 * Known errors, by error code or by the part of a code before its first dot. Sources: the table of common
 * error codes (cloud.tencent.com/document/api/267/20456 and 30661), and the lists of codes per operation in
 * Tencent Cloud's official SDKs. New codes appear after the dot, so an unknown code has the meaning of its
 * first part.
 */
const knownErrors: CodedErrors = new Map([
  ['AuthFailure', badKey],
  ['AuthFailure.InvalidSecretId', badId],
  ['AuthFailure.SecretIdNotFound', badId],
  ['AuthFailure.TokenFailure', badToken],
  [
    'AuthFailure.MFAFailure',
    { kind: 'auth', reason: 'key_restricted', advice: 'use a key pair whose requests need no MFA' },
  ],
  [
    'AuthFailure.SignatureExpire',
    { kind: 'auth', reason: 'clock', advice: 'check the clock of this host', isClock: true },
  ],
  ['AuthFailure.UnauthorizedOperation', notGranted],
  ['UnauthorizedOperation', notGranted],
  // The API spells this code so.
  ['InternalError.NotPermmitOperat', notGranted],
  ['RequestLimitExceeded', throttled],
  ['LimitExceeded.RateLimitExceeded', throttled],
  ['InternalError', serverError],
  // Despite its name, the request is the cause of this error.
  ['InternalError.InvalidRequest', badRequest],
  ['FailedOperation', serverError],
  ['FailedOperation.StreamNotExist', unknownStream],
  ['ResponseSizeLimitExceeded', tooLarge],
  ['ServiceUnavailable', serverError],
  ['ResourceUnavailable', serverError],
  ['ResourceUnavailable.StreamNotExist', unknownStream],
  ['ResourceNotFound.ForbidService', serviceOff],
  ['ResourceNotFound.FreezeService', serviceOff],
  ['ResourceNotFound.StopService', serviceOff],
  ['ResourceNotFound.UserDisableService', serviceOff],
  ['ResourceNotFound.UserNotExist', noService],
  ['ResourceNotFound.UserNotFount', noService],
  ['ResourceNotFound.InvalidUser', noService],
  ['ResourceNotFound.PushDomainNoRecord', unknownDomain],
  ['ResourceNotFound.DomainNoRecord', unknownDomain],
  ['ResourceNotFound.DomainNotExist', unknownDomain],
  ['InvalidAction', notOffered],
  ['ActionOffline', notOffered],
  ['NoSuchVersion', notOffered],
  ['NoSuchProduct', notOffered],
  ['UnsupportedRegion', notOffered],
]);

/**
 * Codes that mean that the provider has no data, which is not a failure. `HasNotLivingStream` is documented
 * with two prefixes.
 */
const emptyCodes: ReadonlySet<string> = new Set([
  'FailedOperation.HasNotLivingStream',
  'InternalError.HasNotLivingStream',
  'ResourceNotFound.EmptyData',
]);

/**
 * Reports whether the provider rejected a request only because of its time, so that the same request with a
 * new timestamp can succeed.
 */
export function needsResign({ code }: ApiError): boolean {
  return code === 'AuthFailure.SignatureExpire';
}

/** Reports whether the site does not know the requested operation, or has removed it. */
export function isActionUnknown({ code }: ApiError): boolean {
  return ['InvalidAction', 'ActionOffline'].includes(code.split('.', 1)[0] ?? '');
}

/** HTTP response, with everything that its error message requires. */
export interface ResponseContext extends Pick<CodedResponse, 'operation' | 'response' | 'now' | 'secrets'> {
  /** Error in the body; undefined if the body contains none, or does not come from Tencent Cloud. */
  readonly error: ApiError | undefined;
}

/** Reports whether a response says by its error code that the provider has no data. */
function isEmpty({ response, error }: Pick<ResponseContext, 'response' | 'error'>): boolean {
  return error !== undefined && isSuccess(response) && emptyCodes.has(error.code);
}

/**
 * Returns the failure that a response reports by its error code or HTTP status; undefined if the response is
 * a success or says that there is no data. Errors of Tencent Cloud have the HTTP status 200.
 */
export function toFailure(context: ResponseContext): ProviderError | undefined {
  const { response, error } = context;
  if (isEmpty(context) || (error === undefined && isSuccess(response))) return undefined;
  return toCodedFailure(knownErrors, { ...context, provider: 'tencent', hasStatus200: true });
}
