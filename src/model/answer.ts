/** Typed result of a port. An answer without items is a success: the provider has no data. */
export interface Answer<T> {
  /** In no guaranteed order; duplicates are possible. */
  readonly items: readonly T[];
  /** Number of unreadable rows. They do not affect the readable ones. */
  readonly malformed: number;
  /** Conditions that an operator should know but no metric shows, such as a wrong time zone. Each is a fixed text. */
  readonly warnings: readonly string[];
}

/** Kinds of failed requests. The list is closed, because the kind is a label. */
export const failureKinds = [
  /** The provider rejects the credentials, the signature or the permissions. */
  'auth',
  /** The provider rejects the request itself. */
  'refused',
  /** The provider enforces a rate limit. */
  'throttled',
  /** No complete response before the deadline, or a server error at the provider. */
  'unavailable',
  /** The response cannot be parsed. */
  'malformed',
  /** A bug in the exporter. */
  'internal',
] as const;

export type FailureKind = (typeof failureKinds)[number];

/** A failed request. The message names the operation, never the URL: a signed URL is a secret. */
export class ProviderError extends Error {
  readonly kind: FailureKind;
  /** The wait that the provider requested, such as with `Retry-After`; undefined: none. */
  readonly retryAfterMs: number | undefined;

  constructor(kind: FailureKind, message: string, options: ErrorOptions & { retryAfterMs?: number } = {}) {
    super(message, options);
    this.name = 'ProviderError';
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Reports whether a failure is transient, so that a retry can succeed. */
export function isRetryable(kind: FailureKind): boolean {
  return kind === 'throttled' || kind === 'unavailable';
}
