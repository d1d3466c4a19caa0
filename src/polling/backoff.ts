import { type FailureKind, isRetryable } from '../model/answer.ts';
import { minuteMs } from '../model/time.ts';

/**
 * Backoff of one failing target, which determines how long the next poll is delayed. All times are monotonic
 * milliseconds.
 */
export interface Backoff {
  /** Number of consecutive failed runs (polls) of the target. */
  readonly failures: number;
  /** Whether the polling interval grows exponentially, because the provider rejected the last request. */
  readonly isExponential: boolean;
  /**
   * Time before which the target is not polled, because the provider requested a wait with `Retry-After`
   * (monotonic ms).
   */
  readonly heldUntil: number;
}

/**
 * Maximum delay of one target in ms, by backoff or by `Retry-After`. A delay makes sense, because further
 * requests cannot fix a wrong key or a missing permission. But when an operator has fixed it, data should
 * appear within a minute.
 */
const maxBackoffMs = minuteMs;

/**
 * Backoff of a failing target that is due at once, because new settings may have fixed the cause of its
 * failures.
 */
export const resetBackoff: Backoff = { failures: 0, isExponential: false, heldUntil: -Infinity };

/**
 * Returns the backoff of a target after another failed run that ended at `at` (monotonic ms). `before` is
 * undefined if the run before succeeded.
 */
export function afterFailure(
  before: Backoff | undefined,
  { kind, retryAfterMs = 0 }: { readonly kind: FailureKind; readonly retryAfterMs?: number | undefined },
  at: number,
): Backoff {
  return {
    failures: (before?.failures ?? 0) + 1,
    // An internal failure says nothing about the target, and its cause can end at any time.
    isExponential: !isRetryable(kind) && kind !== 'internal',
    heldUntil: at + Math.min(retryAfterMs, maxBackoffMs),
  };
}

/**
 * Returns the time at which a target is due next (monotonic ms). The interval starts at the start of the last
 * run (`startedAt`), so that the duration of the run does not matter. The exponential backoff needs no
 * jitter, because the targets of one account are already spread over the interval. `backoff` is undefined
 * after a success.
 */
export function nextDueAt(startedAt: number, intervalMs: number, backoff: Backoff | undefined): number {
  if (backoff === undefined) return startedAt + intervalMs;
  const { failures, isExponential, heldUntil } = backoff;
  const exponentialMs = Math.min(maxBackoffMs, intervalMs * 2 ** (failures - 1));
  return Math.max(startedAt + (isExponential ? Math.max(intervalMs, exponentialMs) : intervalMs), heldUntil);
}
