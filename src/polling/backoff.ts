import { type FailureKind, isRetryable } from '../model/answer.ts';
import { minuteMs } from '../model/time.ts';

/** Backoff of one failing target: how long its next poll is delayed. All times are monotonic ms. */
export interface Backoff {
  /** Number of consecutive failed runs (polls) of the target. */
  readonly failures: number;
  /** Whether the last failure is not retryable, so that the polling interval grows exponentially. */
  readonly isExponential: boolean;
  /** Do not poll the target before this time (monotonic ms): end of the provider's `Retry-After`. */
  readonly heldUntil: number;
}

/**
 * Maximum delay of one target in ms by backoff or `Retry-After`. More requests do not correct a wrong key or
 * a missing permission. But an operator who corrects the key or permission expects data within a minute.
 */
const maxBackoffMs = minuteMs;

/** Backoff of a failing target that is due now, because new settings can end its failures. */
export const resetBackoff: Backoff = { failures: 0, isExponential: false, heldUntil: -Infinity };

/**
 * Returns the backoff of a target after another failure at `at` (monotonic ms). `before` is undefined if the
 * target was not failing.
 */
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
 * Returns the time at which a target is due next (monotonic ms). The interval counts from the start of the
 * target's last run (`startedAt`), so that the duration of the run does not matter. The exponential backoff
 * has no jitter, because the targets of one account are already spread. `backoff` is undefined after a
 * success.
 */
export function nextDueAt(startedAt: number, intervalMs: number, backoff: Backoff | undefined): number {
  if (backoff === undefined) return startedAt + intervalMs;
  const { failures, isExponential, heldUntil } = backoff;
  const exponentialMs = Math.min(maxBackoffMs, intervalMs * 2 ** (failures - 1));
  return Math.max(startedAt + (isExponential ? Math.max(intervalMs, exponentialMs) : intervalMs), heldUntil);
}
