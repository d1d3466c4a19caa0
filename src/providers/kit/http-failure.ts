import type { HttpResponse } from '../../calls/call.ts';
import { type FailureKind, ProviderError } from '../../model/answer.ts';
import type { EpochMs } from '../../model/time.ts';
import { readRetryAfterMs } from './retry-after.ts';

/** Meaning of a failure that is known in advance, by error code or HTTP status. */
export interface KnownError {
  readonly kind: FailureKind;
  /** What the operator should do. */
  readonly advice?: string;
}

/** Reports whether the HTTP status is 2xx. */
export function isSuccess({ status }: Pick<HttpResponse, 'status'>): boolean {
  return status >= 200 && status < 300;
}

/** Returns the failure kind of an HTTP status; undefined if the status has no meaning common to all APIs. */
export function kindOfStatus(status: number): FailureKind | undefined {
  if (status === 401 || status === 403 || status === 407) return 'auth';
  if (status === 429) return 'throttled';
  if (status === 408 || status >= 500) return 'unavailable';
  return undefined;
}

/** Builds the error of a failed response. The `Retry-After` header applies unless the API has its own `retryAfterMs`. */
export function toHttpError(
  kind: FailureKind,
  message: string,
  { headers }: HttpResponse,
  now: EpochMs,
  retryAfterMs = readRetryAfterMs(headers['retry-after'], now),
): ProviderError {
  return new ProviderError(kind, message, retryAfterMs === undefined ? {} : { retryAfterMs });
}
