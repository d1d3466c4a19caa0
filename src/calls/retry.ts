import { isRetryable, ProviderError } from '../model/answer.ts';
import type { Clock } from '../model/time.ts';
import type { Call } from './call.ts';

export interface RetryPolicy {
  /** Maximum number of attempts, including the first. */
  readonly attempts: number;
  /** Maximum backoff in ms after the first attempt. The maximum doubles with each attempt, up to `maxMs`. */
  readonly baseMs: number;
  readonly maxMs: number;
  /** Maximum time in ms from the start of the first attempt to the start of the last attempt. */
  readonly deadlineMs: number;
}

export interface RetrySpec extends RetryPolicy {
  readonly clock: Clock;
  /** Returns a random number from 0 to 1. */
  readonly random: () => number;
}

/**
 * Retries `throttled` and `unavailable` failures with exponential backoff and full jitter, and never before
 * the time in `Retry-After`. Rethrows the last failure after `attempts` attempts, or if the next attempt
 * would start after `deadlineMs`.
 */
export function withRetry(call: Call, spec: RetrySpec): Call {
  const { attempts, baseMs, maxMs, deadlineMs, clock, random } = spec;
  return async (operation, query, signal) => {
    const startedAt = clock.elapsed();
    for (let attempt = 1; ; attempt++) {
      try {
        return await call(operation, query, signal);
      } catch (error) {
        if (signal.aborted || !(error instanceof ProviderError) || !isRetryable(error.kind)) throw error;
        const backoffMs = random() * Math.min(maxMs, baseMs * 2 ** (attempt - 1));
        const delayMs = Math.max(backoffMs, error.retryAfterMs ?? 0);
        if (attempt >= attempts || clock.elapsed() - startedAt + delayMs > deadlineMs) {
          throw withAttempts(error, attempt);
        }
        await clock.sleep(delayMs, signal);
      }
    }
  };
}

function withAttempts(error: ProviderError, attempts: number): ProviderError {
  const { kind, message, retryAfterMs, reason } = error;
  if (attempts === 1) return error;
  return new ProviderError(kind, `${message}; gave up after ${attempts} attempts`, {
    cause: error,
    reason,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
