import type { HttpResponse } from '../../calls/call.ts';
import { type FailureKind, ProviderError } from '../../model/answer.ts';
import type { FailureReason } from '../../model/failure-reason.ts';
import { parseHttpDate } from '../../model/http-time.ts';
import type { EpochMs } from '../../model/time.ts';
import { quote } from './message.ts';
import { readRetryAfterMs } from './retry-after.ts';

/** Meaning of an error code or HTTP status that a provider sends. */
export interface KnownError {
  readonly kind: FailureKind;
  /** What the operator should do about the failure. This text is part of the error message. */
  readonly advice?: string;
  readonly reason?: FailureReason | undefined;
}

/** Reports whether the HTTP status of a response is 2xx. */
export function isSuccess({ status }: Pick<HttpResponse, 'status'>): boolean {
  return status >= 200 && status < 300;
}

/**
 * Returns the failure kind of an HTTP status, such as `throttled` for 429; undefined if the meaning of the
 * status differs between APIs. Only a proxy sends 407 (RFC 9110, 15.5.8).
 */
export function kindOfStatus(status: number): FailureKind | undefined {
  if (status === 401 || status === 403) return 'auth';
  if (status === 429) return 'throttled';
  if (status === 407 || status === 408 || status >= 500) return 'unavailable';
  return undefined;
}

/** Returns the reason of a failure that an HTTP status alone shows; undefined if it shows none. */
export function reasonOfStatus(status: number): FailureReason | undefined {
  if (status === 429) return 'throttled';
  if (status === 407) return 'proxy_credentials';
  if (status === 408) return 'timeout';
  return status >= 500 ? 'server_error' : undefined;
}

/**
 * What a rejection means that does not show who sent it: the provider or something on the way. It is no
 * evidence against the key.
 */
export const unknownSender: KnownError & { readonly advice: string } = {
  kind: 'unavailable',
  reason: 'rejected_on_the_way',
  advice:
    'the provider or a proxy on the way rejected the request: check that the proxy allows this host, then check the key',
};

/**
 * Describes a failed response without its body: the HTTP status, the proxy that forwarded the request and can
 * have sent the response, and the host to which the response redirects.
 */
export function statusText({ status, headers, proxy }: HttpResponse): string {
  const through = proxy === undefined ? '' : ` through proxy ${proxy}`;
  const location = status >= 300 && status < 400 ? headers.location : undefined;
  if (location === undefined) return `HTTP ${status}${through}`;
  // Show only the host, because a captive portal can repeat the signed URL of the request in its own.
  const host = URL.parse(location)?.host || 'another path';
  return `HTTP ${status}${through}, redirect to ${quote(host, [])}`;
}

/** Returns what to do about a failed response whose body does not come from the provider. */
export function endpointAdvice({ status }: Pick<HttpResponse, 'status'>): string {
  return status >= 300 && status < 400
    ? 'check the endpoint in the config, and whether a captive portal or proxy redirects the request'
    : 'check the endpoint in the config';
}

/**
 * Creates the error of a failed response. `retryAfterMs` is the wait in ms that the provider's own API
 * requests; if it is undefined, the `Retry-After` header applies. `now` is local wall clock time in epoch ms.
 * A date in `Retry-After` is compared with the `Date` of the response, because the local clock can be wrong.
 */
export function toHttpError(
  kind: FailureKind,
  message: string,
  { headers }: HttpResponse,
  now: EpochMs,
  retryAfterMs = readRetryAfterMs(headers['retry-after'], parseHttpDate(headers.date, now) ?? now),
  reason?: FailureReason,
): ProviderError {
  const isTooLarge = reason === 'too_large';
  return new ProviderError(kind, message, {
    reason,
    isTooLarge,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
