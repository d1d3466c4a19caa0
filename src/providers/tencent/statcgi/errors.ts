import type { HttpResponse } from '../../../calls/call.ts';
import { ProviderError } from '../../../model/answer.ts';
import type { EpochMs } from '../../../model/time.ts';
import {
  endpointAdvice,
  isSuccess,
  type KnownError,
  kindOfStatus,
  reasonOfStatus,
  statusText,
  toHttpError,
  unknownSender,
} from '../../kit/http-failure.ts';
import { unexpectedShape } from '../../kit/json.ts';
import { adviceSuffix } from '../../kit/message.ts';
import type { ApiStatus } from './envelope.ts';

interface StatcgiError extends KnownError {
  readonly code?: number;
  /** Part of the provider's message, in lower case, which identifies an error that has no documented code. */
  readonly text: string;
}

const notEnabled =
  'app_id is wrong, or the API is not enabled for the account; to enable the API, open a ticket with Tencent Cloud';

/**
 * Known errors of the statistics API. Source: the tables on cloud.tencent.com/document/product/454/7920. They
 * misspell some messages, so each entry contains only a part of the message.
 */
const knownErrors: readonly StatcgiError[] = [
  { text: 'time expired', kind: 'auth', reason: 'clock', advice: 'check the clock of this host' },
  { text: 'sign invalid', kind: 'auth', reason: 'key_secret', advice: 'check the key' },
  { text: 'cmd is invalid', kind: 'refused', reason: 'ticket', advice: notEnabled },
  { text: 'appid is invalid', kind: 'refused', reason: 'ticket', advice: notEnabled },
  { code: 1000, text: 'user is not registered', kind: 'refused', reason: 'ticket', advice: notEnabled },
  {
    code: 1001,
    text: 'service for statapi was stopped',
    kind: 'refused',
    reason: 'ticket',
    advice: notEnabled,
  },
  { code: 1201, text: 'system error', kind: 'unavailable', reason: 'server_error' },
  { code: 1202, text: 'frequency exceeds limit', kind: 'throttled', reason: 'throttled' },
  { code: 1204, text: 'invalid input param', kind: 'refused', reason: 'parameter' },
];

/**
 * Reports whether a result code means that the provider has no data, which is not a failure: 10003 (no rows)
 * and 1301 (no live stream).
 */
export function isEmptyStatus({ code }: ApiStatus): boolean {
  return code === 10003 || code === 1301;
}

/**
 * Reports whether the provider rejected an expired signature, so that the same request with a new signature
 * can succeed.
 */
export function needsResign({ text }: ApiStatus): boolean {
  return text.toLowerCase().includes('time expired');
}

/**
 * Returns the failure that the result code reports; undefined if the code reports none. The caller must have
 * made `status.text` safe with `quote`, because it becomes part of the error message.
 */
export function toFailure(status: ApiStatus, context: string): ProviderError | undefined {
  if (status.code === 0 || isEmptyStatus(status)) return undefined;
  // If the result code is unknown, assume a permanent failure (`refused`), which is not retried.
  return toError(knownErrorOf(status) ?? { kind: 'refused' }, status, context);
}

/**
 * Returns the failure of a response with code 0 that has no payload and does not say that there is no data.
 * Not documented: the codes of the API's front end, so a known text identifies its errors. The caller must
 * have made `status.text` safe with `quote`.
 */
export function toMissingOutput(status: ApiStatus, context: string): ProviderError {
  const known = knownErrorOf(status);
  return known === undefined ? unexpectedShape(context, 'output') : toError(known, status, context);
}

function knownErrorOf({ code, text }: ApiStatus): StatcgiError | undefined {
  return knownErrors.find((error) => error.code === code || text.toLowerCase().includes(error.text));
}

function toError(known: KnownError, { code, text }: ApiStatus, context: string): ProviderError {
  const { kind, reason, advice } = known;
  const words = text === '' ? '' : `: ${text}`;
  return new ProviderError(kind, `${context}: code ${code}${words}${adviceSuffix(advice)}`, { reason });
}

/** Returns the failure that the HTTP status of a response reports; undefined if the status is 2xx. */
export function toHttpFailure(
  response: HttpResponse,
  context: string,
  now: EpochMs,
): ProviderError | undefined {
  if (isSuccess(response)) return undefined;
  const { kind, reason, advice } = errorOfResponse(response);
  const text = `${context}: ${statusText(response)}${adviceSuffix(advice)}`;
  return toHttpError(kind, text, response, now, undefined, reason);
}

function errorOfResponse(response: HttpResponse): KnownError {
  const kind = kindOfStatus(response.status);
  if (kind === undefined) return { kind: 'refused', reason: 'endpoint', advice: endpointAdvice(response) };
  if (kind !== 'auth') return { kind, reason: reasonOfStatus(response.status) };
  // Source of this text: cloud.tencent.com/document/product/454/7920, status 403, with a hint at a login
  // cookie.
  const isProvider = response.text.toLowerCase().includes('request check failed');
  if (response.proxy !== undefined && !isProvider) return unknownSender;
  const known: KnownError = { kind, reason: 'key_secret' };
  return response.status === 403 ? { ...known, advice: 'check app_id and the key' } : known;
}
