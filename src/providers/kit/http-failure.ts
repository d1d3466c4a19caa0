import type { HttpResponse } from '../../calls/call.ts';
import { type FailureKind, ProviderError } from '../../model/answer.ts';
import type { EpochMs } from '../../model/time.ts';
import { readRetryAfterMs } from './retry-after.ts';

/** Meaning of an error code or HTTP status that a provider sends. */
export interface KnownError {
  readonly kind: FailureKind;
  /** What the operator should do about the failure. This text is part of the error message. */
  readonly advice?: string;
}

/** Reports whether the HTTP status of a response is 2xx. */
export function isSuccess({ status }: Pick<HttpResponse, 'status'>): boolean {
  return status >= 200 && status < 300;
}

/**
 * Returns the failure kind of an HTTP status, such as `throttled` for 429; undefined if the meaning of the
 * status differs between APIs.
 */
export function kindOfStatus(status: number): FailureKind | undefined {
  if (status === 401 || status === 403 || status === 407) return 'auth';
  if (status === 429) return 'throttled';
  if (status === 408 || status >= 500) return 'unavailable';
  return undefined;
}

/**
 * Creates the error of a failed response. `retryAfterMs` is the wait in ms that the provider's own API
 * requests; if it is undefined, the `Retry-After` header applies. `now` is wall clock time in epoch ms.
 */
export function toHttpError(
  kind: FailureKind,
  message: string,
  { headers }: HttpResponse,
  now: EpochMs,
  retryAfterMs = readRetryAfterMs(headers['retry-after'], now),
): ProviderError {
  return new ProviderError(kind, message, retryAfterMs === undefined ? {} : { retryAfterMs });
}
