import { ProviderError } from '../model/answer.ts';
import { type Clock, secondMs } from '../model/time.ts';
import type { Call } from './call.ts';
import {
  afterFailure,
  afterSuccess,
  type BudgetFailure,
  newRateBudget,
  nextTokenAt,
  perSecondOf,
  takeToken,
} from './rate-budget.ts';

export type RateLimiter = ReturnType<typeof createRateLimiter>;

/** A changed rate takes effect within this time, because the waiter checks it after each sleep. */
const maxSleepMs = secondMs;

/**
 * Creates the rate limiter of one operation at one account. It outlives the calls that use it: a reload keeps
 * the learned rate.
 */
export function createRateLimiter(perSecond: number, clock: Clock) {
  let budget = newRateBudget(perSecond);
  /** Resolves when every waiter in the queue has acquired a token or left. */
  let queue: Promise<void> = Promise.resolve();
  let waiting = 0;

  const waitMs = () => {
    const now = clock.elapsed();
    return nextTokenAt(budget, now) - now;
  };
  const take = () => {
    const tokenAt = clock.elapsed();
    budget = takeToken(budget, tokenAt);
    return tokenAt;
  };

  return {
    /**
     * Acquires a token and resolves with its monotonic time in ms: immediately if one is available, otherwise
     * in FIFO order. An aborted waiter leaves the queue and consumes no token.
     */
    async acquire(signal: AbortSignal): Promise<number> {
      signal.throwIfAborted();
      if (waiting === 0 && waitMs() <= 0) return take();
      const ahead = queue;
      const done = Promise.withResolvers<void>();
      queue = ahead.then(() => done.promise);
      waiting++;
      try {
        await unlessAborted(ahead, signal);
        // Checks again after each sleep: a timer can fire early, and throttling or a reload can change the
        // rate.
        for (let ms = waitMs(); ms > 0; ms = waitMs()) await clock.sleep(Math.min(ms, maxSleepMs), signal);
        return take();
      } finally {
        waiting--;
        done.resolve();
      }
    },
    succeeded(): void {
      budget = afterSuccess(budget, clock.elapsed());
    },
    /** Records the failure of the call whose token was acquired at `tokenAt`. */
    failed(failure: BudgetFailure, tokenAt: number): void {
      budget = afterFailure(budget, failure, tokenAt, clock.elapsed());
    },
    /** Returns the current rate, which is below the configured one after throttling. */
    perSecond: () => perSecondOf(budget),
    configuredPerSecond: () => budget.configured,
    /** Changes the configured rate. The learned rate is kept as a share of it. */
    setPerSecond(configured: number): void {
      budget = { ...budget, configured };
    },
    /** Returns the number of waiters in the queue. */
    waiting: () => waiting,
  };
}

/**
 * Settles like `promise`, or rejects with the signal's reason as soon as `signal` is aborted. Leaves no
 * listener on the signal, unlike AbortSignal.any(), which would leak one per call on a long-lived signal.
 */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([aborted.promise, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Acquires a token of the operation before each call and reports the outcome to its limiter. An operation
 * without a limiter is an internal error: no request is sent without a rate limit.
 */
export function withRateLimit(call: Call, limiters: ReadonlyMap<string, RateLimiter>): Call {
  return async (operation, query, signal) => {
    const limiter = limiters.get(operation);
    if (limiter === undefined) throw new ProviderError('internal', `${operation}: no rate limiter`);
    const tokenAt = await limiter.acquire(signal);
    try {
      const result = await call(operation, query, signal);
      limiter.succeeded();
      return result;
    } catch (error) {
      if (error instanceof ProviderError) limiter.failed(error, tokenAt);
      throw error;
    }
  };
}
