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
import { unlessAborted } from './unless-aborted.ts';

export type RateLimiter = ReturnType<typeof createRateLimiter>;

/**
 * Maximum time in ms of one sleep of a waiter. The waiter checks the rate after each sleep, so a changed rate
 * takes effect within this time.
 */
const maxSleepMs = secondMs;

/**
 * Creates the rate limiter of one operation at one account. A reload keeps the limiter and replaces only the
 * calls that use it, so that the adapted rate is not lost.
 */
export function createRateLimiter(perSecond: number, clock: Clock) {
  let budget = newRateBudget(perSecond);
  /** Resolves when each waiter in the queue has either acquired a token or left the queue. */
  let queue: Promise<void> = Promise.resolve();
  let waiting = 0;
  let taken = 0;

  const waitMs = () => {
    const now = clock.elapsed();
    return nextTokenAt(budget, now) - now;
  };
  const take = () => {
    const tokenAt = clock.elapsed();
    budget = takeToken(budget, tokenAt);
    taken++;
    return tokenAt;
  };

  /** Acquires a token if nobody has to wait for one; returns undefined otherwise. Throws if `signal` is aborted. */
  const acquireNow = (signal: AbortSignal): number | undefined => {
    signal.throwIfAborted();
    return waiting === 0 && waitMs() <= 0 ? take() : undefined;
  };

  return {
    acquireNow,
    /**
     * Acquires a token and resolves with the time of the token (monotonic ms). If no token is available,
     * waits in FIFO order. An aborted waiter leaves the queue and takes no token.
     */
    async acquire(signal: AbortSignal): Promise<number> {
      const tokenAt = acquireNow(signal);
      if (tokenAt !== undefined) return tokenAt;
      const ahead = queue;
      const done = Promise.withResolvers<void>();
      queue = ahead.then(() => done.promise);
      waiting++;
      try {
        await unlessAborted(ahead, signal);
        // Compute the waiting time again after each sleep: a timer can fire early, and throttling or a reload
        // can change the rate.
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
    /**
     * Returns the current rate in requests per second. After throttling, it is lower than the configured
     * rate.
     */
    perSecond: () => perSecondOf(budget),
    configuredPerSecond: () => budget.configured,
    /** Changes the configured rate. The adapted rate stays the same share of the configured rate. */
    setPerSecond(configured: number): void {
      budget = { ...budget, configured };
    },
    /** Returns the number of waiters in the queue. */
    waiting: () => waiting,
    /** Returns the number of tokens that were acquired so far. */
    taken: () => taken,
  };
}

/**
 * Acquires a token of the operation before each call, and reports the outcome of the call to the operation's
 * rate limiter. If the operation has no rate limiter, rejects with an internal error, so that no request is
 * sent without a rate limit.
 */
export function withRateLimit(call: Call, limiters: ReadonlyMap<string, RateLimiter>): Call {
  return async (operation, query, signal) => {
    const limiter = limiters.get(operation);
    if (limiter === undefined) throw new ProviderError('internal', `${operation}: no rate limiter`);
    const tokenAt = limiter.acquireNow(signal) ?? (await limiter.acquire(signal));
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
