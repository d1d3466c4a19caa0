/**
 * Typed result of a port (a function that queries a provider). An answer without items is a success: the
 * provider has no data.
 */
export interface Answer<T> {
  /** Items in no guaranteed order. Duplicates are possible. */
  readonly items: readonly T[];
  /** Number of response rows that could not be read. Unreadable rows do not affect the readable rows. */
  readonly malformed: number;
  /**
   * Conditions that an operator should know but no metric shows, such as a wrong time zone. Each condition is
   * a fixed text.
   */
  readonly warnings: readonly string[];
}

/** Kinds of failed requests. The list is closed, because each kind is a value of a metric label. */
export const failureKinds = [
  /** The provider rejects the credentials, the signature or the permissions. */
  'auth',
  /** The provider rejects the request itself. */
  'refused',
  /** The provider rejects the request because of a rate limit. */
  'throttled',
  /**
   * The exporter received no complete response before the deadline, or the provider reported a server error.
   */
  'unavailable',
  /** The response cannot be parsed. */
  'malformed',
  /** An unexpected error: a bug in the exporter. */
  'internal',
] as const;

export type FailureKind = (typeof failureKinds)[number];

/** A failed request. The message names the operation, never the URL: a signed URL is a secret. */
export class ProviderError extends Error {
  readonly kind: FailureKind;
  /**
   * Minimum wait in ms before a retry, as the provider requested with `Retry-After` or a similar field.
   * undefined if the provider requested no wait.
   */
  readonly retryAfterMs: number | undefined;

  constructor(kind: FailureKind, message: string, options: ErrorOptions & { retryAfterMs?: number } = {}) {
    super(message, options);
    this.name = 'ProviderError';
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Reports whether failures of `kind` are transient, so that a retry can succeed. */
export function isRetryable(kind: FailureKind): boolean {
  return kind === 'throttled' || kind === 'unavailable';
}
