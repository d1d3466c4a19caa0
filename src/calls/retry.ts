import { isRetryable, ProviderError } from '../model/answer.ts';
import type { Clock } from '../model/time.ts';
import type { Call } from './call.ts';

export interface RetrySettings {
  /** How many tries in all. */
  readonly attempts: number;
  /** The longest pause after the first try; it doubles with each, up to `maxMs`. */
  readonly baseMs: number;
  readonly maxMs: number;
  /** No try asks for a turn later than this after the first one did. */
  readonly deadlineMs: number;
}

/**
 * Tries again what may heal, after a random part of a growing pause (so that those who failed together don't come back
 * together), and never before the provider said. `random` gives 0 to 1. The last failure is the one thrown.
 */
export function withRetry(call: Call, settings: RetrySettings, clock: Clock, random: () => number): Call {
  const { attempts, baseMs, maxMs, deadlineMs } = settings;
  return async (operation, query, signal) => {
    const startedAt = clock.elapsed();
    for (let tries = 1; ; tries++) {
      try {
        return await call(operation, query, signal);
      } catch (error) {
        if (signal.aborted || !(error instanceof ProviderError) || !isRetryable(error.kind)) throw error;
        const pauseMs = random() * Math.min(maxMs, baseMs * 2 ** (tries - 1));
        const waitMs = Math.max(pauseMs, error.retryAfterMs ?? 0);
        const tooLate = clock.elapsed() - startedAt + waitMs > deadlineMs;
        if (tries >= attempts || tooLate) throw afterTries(error, tries);
        await clock.sleep(waitMs, signal);
      }
    }
  };
}

function afterTries(error: ProviderError, tries: number): ProviderError {
  const { kind, message, retryAfterMs } = error;
  if (tries === 1) return error;
  return new ProviderError(kind, `${message} after ${tries} tries`, {
    cause: error,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
