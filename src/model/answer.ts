/** What came of a question. No items is an answer too: the provider said "nothing". */
export interface Answer<T> {
  /** In no promised order; doubles are possible. */
  readonly items: readonly T[];
  /** How many rows could not be read. The others stand. */
  readonly malformed: number;
  /** What an operator should know and no number shows, such as a time zone that does not fit. Each is a fixed sentence. */
  readonly warnings: readonly string[];
}

/**
 * Why a call brought no answer. A closed list, because it is a label.
 * `auth`: who we are; `refused`: what we ask; `throttled`: too often; `unavailable`: no answer in time, or a fault over
 * there; `malformed`: an answer we don't understand; `internal`: a bug of ours.
 */
export type FailureKind = 'auth' | 'refused' | 'throttled' | 'unavailable' | 'malformed' | 'internal';

export const failureKinds: readonly FailureKind[] = [
  'auth',
  'refused',
  'throttled',
  'unavailable',
  'malformed',
  'internal',
];

/** A call that brought no answer. The message names the operation, never a URL: a signed one is a secret. */
export class ProviderError extends Error {
  readonly kind: FailureKind;
  /** How long the provider asked us to wait, where it did. */
  readonly retryAfterMs: number | undefined;

  constructor(kind: FailureKind, message: string, options: ErrorOptions & { retryAfterMs?: number } = {}) {
    super(message, options);
    this.name = 'ProviderError';
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Only these heal by themselves, so only these are worth asking again. */
export function isRetryable(kind: FailureKind): boolean {
  return kind === 'throttled' || kind === 'unavailable';
}
