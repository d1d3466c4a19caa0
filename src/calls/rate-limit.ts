import { ProviderError } from '../model/answer.ts';
import { type Clock, secondMs } from '../model/time.ts';
import { unlessAborted } from './abort.ts';
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

/**
 * Rate limiter of one operation at one account. It outlives the calls that use it: a reload keeps the learned
 * rate.
 */
export interface RateLimiter {
  /**
   * Acquires a token and resolves with its monotonic time in ms: immediately if one is available, otherwise
   * in FIFO order. An aborted waiter leaves the queue and consumes no token.
   */
  acquire(signal: AbortSignal): Promise<number>;
  succeeded(): void;
  /** Records the failure of the call whose token was acquired at `tokenAt`. */
  failed(failure: BudgetFailure, tokenAt: number): void;
  /** Returns the current rate, which is below the configured one after throttling. */
  perSecond(): number;
  configuredPerSecond(): number;
  /** Changes the configured rate. The learned rate is kept as a share of it. */
  setPerSecond(perSecond: number): void;
  /** Returns the number of waiters in the queue. */
  waiting(): number;
}

/** A changed rate takes effect within this time, because the waiter checks it after each sleep. */
const maxSleepMs = secondMs;

export function createRateLimiter(perSecond: number, clock: Clock): RateLimiter {
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
    async acquire(signal) {
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
    succeeded() {
      budget = afterSuccess(budget, clock.elapsed());
    },
    failed(failure, tokenAt) {
      budget = afterFailure(budget, failure, tokenAt, clock.elapsed());
    },
    perSecond: () => perSecondOf(budget),
    configuredPerSecond: () => budget.configured,
    setPerSecond(configured) {
      budget = { ...budget, configured };
    },
    waiting: () => waiting,
  };
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
