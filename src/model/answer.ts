import type { FailureReason } from './failure-reason.ts';
import type { EpochMs } from './time.ts';

/**
 * Typed result of a port (a function that requests data from a provider). An answer without items is a
 * success: the provider has no data.
 */
export interface Answer<T> {
  /** Items in no guaranteed order. Duplicates are possible. */
  readonly items: readonly T[];
  /**
   * Number of rows in the response that could not be read. They do not affect the rows that could be read.
   */
  readonly malformed: number;
  /**
   * Time of the newest row that could not be read (epoch ms by the provider's clock). undefined if all rows
   * could be read, or if the time of a row could not be read either.
   */
  readonly malformedUpTo?: EpochMs | undefined;
  /**
   * Texts about conditions that no metric shows, but that an operator should know, such as a wrong time zone.
   * The text of a condition is always the same.
   */
  readonly warnings: readonly string[];
}

/**
 * Reports whether the answer can contain an unreadable row that is not older than `from` (epoch ms). If so,
 * the absence of readable rows since `from` proves nothing.
 */
export function hasMalformedSince({ malformed, malformedUpTo }: Answer<unknown>, from: EpochMs): boolean {
  return malformed > 0 && (malformedUpTo === undefined || malformedUpTo >= from);
}

/** Kinds of failed requests. The list is closed, because each kind is a value of a metric label. */
export const failureKinds = [
  /** The provider rejected the credentials, the signature or the permissions. */
  'auth',
  /** The provider rejected the request itself. */
  'refused',
  /** The provider rejected the request because of a rate limit. */
  'throttled',
  /**
   * The exporter received no complete response before the deadline, or the provider reported a server error.
   */
  'unavailable',
  /** The response could not be parsed. */
  'malformed',
  /** An error occurred in the exporter: a bug, or too many open files. The provider is not involved. */
  'internal',
] as const;

export type FailureKind = (typeof failureKinds)[number];

/** Optional facts about a failed request, see `ProviderError`. */
export interface ProviderErrorDetails {
  readonly retryAfterMs?: number;
  readonly isTooLarge?: boolean;
  readonly reason?: FailureReason | undefined;
  readonly shiftMs?: number | undefined;
}

/**
 * Error of a failed request. The message names the operation but never contains the URL, because a signed URL
 * is a secret.
 */
export class ProviderError extends Error {
  readonly kind: FailureKind;
  /**
   * Minimum wait in ms before a retry that the provider requested with `Retry-After` or a similar field;
   * undefined if the provider requested no wait.
   */
  readonly retryAfterMs: number | undefined;
  /** Whether the response was too large to be read, so that a request for less data can succeed. */
  readonly isTooLarge: boolean;
  /** Cause of the failure; undefined if it is unknown. */
  readonly reason: FailureReason | undefined;
  /**
   * For the reason `time_zone`: how much later than the requested window the rows seem to be, in ms, a
   * multiple of 15 minutes; otherwise undefined.
   */
  readonly shiftMs: number | undefined;

  constructor(kind: FailureKind, message: string, options: ErrorOptions & ProviderErrorDetails = {}) {
    super(message, options);
    this.name = 'ProviderError';
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
    this.isTooLarge = options.isTooLarge ?? false;
    this.reason = options.reason;
    this.shiftMs = options.shiftMs;
  }
}

/** Reports whether failures of `kind` are transient, so that a retry can succeed. */
export function isRetryable(kind: FailureKind): boolean {
  return kind === 'throttled' || kind === 'unavailable';
}
