import type { HttpResponse } from '../../../calls/call.ts';
import type { ProviderError } from '../../../model/answer.ts';
import { clockSkewMs } from '../../../model/http-time.ts';
import type { EpochMs } from '../../../model/time.ts';
import {
  endpointAdvice,
  isSuccess,
  type KnownError,
  kindOfStatus,
  statusText,
  toHttpError,
  unknownSender,
} from '../../kit/http-failure.ts';
import { adviceSuffix, clockSkewSuffix, quote } from '../../kit/message.ts';
import type { ApiError } from './envelope.ts';

/**
 * Meaning of an error code of API 3.0. In `advice`, OPERATION is a placeholder for the name of the requested
 * operation.
 */
interface Api3Error extends KnownError {
  /** Whether a wrong local clock can cause the error. If so, the message includes the measured clock skew. */
  readonly isClock?: true;
}

const badId: Api3Error = { kind: 'auth', advice: 'check the secret id' };
const badKey: Api3Error = { kind: 'auth', advice: 'check the secret key' };
const badToken: Api3Error = {
  kind: 'auth',
  advice: 'check the token, which must be set, not expired, and issued for this secret id',
};
const notGranted: Api3Error = {
  kind: 'auth',
  advice: 'grant the permission live:OPERATION to the CAM user or role',
};
const throttled: Api3Error = {
  kind: 'throttled',
  advice:
    'this rate limit applies to all clients of the account together; lower requests_per_second in the config',
};
const serviceOff: Api3Error = {
  kind: 'refused',
  advice:
    'the live service of the account is banned, frozen, in arrears or disabled; check it in the console',
};
const noService: Api3Error = { kind: 'refused', advice: 'enable CSS (live) for the account' };
const unknownDomain: Api3Error = {
  kind: 'refused',
  advice: 'check the domain: it must be a push domain of this account',
};
const notOffered: Api3Error = {
  kind: 'refused',
  advice: 'this site does not offer the operation; check site and endpoint in the config',
};
const serverError: Api3Error = { kind: 'unavailable' };
const badRequest: Api3Error = { kind: 'refused' };

/**
 * Known errors, by error code or by the part of a code before its first dot. Sources: the table of common error
 * codes (cloud.tencent.com/document/api/267/20456 and 30661), and the lists of codes per operation in Tencent
 * Cloud's official SDKs. New codes appear after the dot, so an unknown code has the meaning of its first part.
 */
const knownErrors: ReadonlyMap<string, Api3Error> = new Map<string, Api3Error>([
  ['AuthFailure', badKey],
  ['AuthFailure.InvalidSecretId', badId],
  ['AuthFailure.SecretIdNotFound', badId],
  ['AuthFailure.TokenFailure', badToken],
  ['AuthFailure.MFAFailure', { kind: 'auth', advice: 'use a key pair whose requests need no MFA' }],
  ['AuthFailure.SignatureExpire', { kind: 'auth', advice: 'check the clock of this host', isClock: true }],
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
  ['FailedOperation.StreamNotExist', badRequest],
  ['ServiceUnavailable', serverError],
  ['ResourceUnavailable', serverError],
  ['ResourceUnavailable.StreamNotExist', badRequest],
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
 * Codes that mean that the provider has no data, which is not a failure. `HasNotLivingStream` is documented with
 * two prefixes.
 */
const emptyCodes: ReadonlySet<string> = new Set([
  'FailedOperation.HasNotLivingStream',
  'InternalError.HasNotLivingStream',
  'ResourceNotFound.EmptyData',
]);

/** Reports whether an error only says that the provider has no data. */
export function isEmpty({ code }: ApiError): boolean {
  return emptyCodes.has(code);
}

/**
 * Reports whether the provider rejected a request only because of its time, so that the same request with a new
 * timestamp can succeed.
 */
export function needsResign({ code }: ApiError): boolean {
  return code === 'AuthFailure.SignatureExpire';
}

/** HTTP response, with everything that its error message requires. */
export interface ResponseContext {
  readonly operation: string;
  readonly response: HttpResponse;
  /** Error in the body; undefined if the body contains none, or does not come from Tencent Cloud. */
  readonly error: ApiError | undefined;
  readonly now: EpochMs;
  /** Texts that must not appear in the error message, such as the keys and the signature. */
  readonly secrets: readonly string[];
}

/**
 * Returns the failure that a response reports by its error code or HTTP status; undefined if the response is a
 * success or says that there is no data.
 */
export function toFailure(context: ResponseContext): ProviderError | undefined {
  const { operation, response, error, now } = context;
  if (error === undefined) return isSuccess(response) ? undefined : toForeignFailure(context);
  if (isEmpty(error)) return undefined;
  const known = knownErrors.get(error.code) ?? knownErrors.get(error.code.split('.', 1)[0] ?? '');
  // If the code is unknown, assume a permanent failure (`refused`), which is not retried.
  const meaning = known ?? badRequest;
  const message = `tencent ${operation}: ${errorText(context, error, meaning)}${adviceText(context, meaning)}`;
  return toHttpError(meaning.kind, message, response, now);
}

/** Returns the failure of a response that Tencent Cloud did not send: all of its responses have HTTP status 200. */
function toForeignFailure({ operation, response, now }: ResponseContext): ProviderError {
  const kind = kindOfStatus(response.status);
  const known =
    kind === undefined ? { kind: 'refused' as const, advice: endpointAdvice(response) } : { kind };
  const { kind: shown, advice }: KnownError = known.kind === 'auth' ? unknownSender : known;
  const message = `tencent ${operation}: ${statusText(response)}${adviceSuffix(advice)}`;
  return toHttpError(shown, message, response, now);
}

/**
 * Formats the error code for the message. If there is no advice, appends the provider's own text, except for an
 * `auth` failure, whose text can name the account and the secret id.
 */
function errorText(
  { secrets }: ResponseContext,
  { code, text }: ApiError,
  { kind, advice }: Api3Error,
): string {
  const shown = quote(code, secrets);
  return kind === 'auth' || advice !== undefined || text === '' ? shown : `${shown}: ${quote(text, secrets)}`;
}

function adviceText({ operation, response, now }: ResponseContext, { advice, isClock }: Api3Error): string {
  const skew = isClock ? clockSkewSuffix(clockSkewMs(response.headers, now, now) ?? 0) : '';
  return adviceSuffix(advice && `${advice.replace('OPERATION', operation)}${skew}`);
}
