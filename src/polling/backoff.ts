import { type FailureKind, isRetryable } from '../model/answer.ts';
import { minuteMs } from '../model/time.ts';

/** Backoff of one failing target. All times are monotonic ms. */
export interface Backoff {
  /** Consecutive failures. */
  readonly failures: number;
  /** Whether the failure is not retryable, so that the interval grows exponentially. */
  readonly isExponential: boolean;
  /** Do not poll before this time: end of the provider's `Retry-After`. */
  readonly heldUntil: number;
}

/**
 * Upper limit of backoff and of `Retry-After` for one target. More requests do not correct a wrong key or a missing
 * permission, but an operator who corrects it expects data within a minute.
 */
const maxBackoffMs = minuteMs;

/** Backoff of a failing target that is due now, because new settings can end its failures. */
export const resetBackoff: Backoff = { failures: 0, isExponential: false, heldUntil: -Infinity };

/** Returns the backoff after another failure at `at`. */
export function afterFailure(
  before: Backoff | undefined,
  { kind, retryAfterMs = 0 }: { readonly kind: FailureKind; readonly retryAfterMs?: number | undefined },
  at: number,
): Backoff {
  return {
    failures: (before?.failures ?? 0) + 1,
    isExponential: !isRetryable(kind),
    heldUntil: at + Math.min(retryAfterMs, maxBackoffMs),
  };
}

/**
 * Returns the next due time of a target from the start of its last run, so that the interval does not depend on how long
 * a run takes. The exponential backoff has no jitter: the targets of one account are spread already.
 */
export function nextDueAt(startedAt: number, intervalMs: number, backoff: Backoff | undefined): number {
  if (backoff === undefined) return startedAt + intervalMs;
  const { failures, isExponential, heldUntil } = backoff;
  const exponentialMs = Math.min(maxBackoffMs, intervalMs * 2 ** (failures - 1));
  return Math.max(startedAt + (isExponential ? Math.max(intervalMs, exponentialMs) : intervalMs), heldUntil);
}
