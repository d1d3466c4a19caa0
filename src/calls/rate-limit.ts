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
 * The turns of one operation at one account. It outlives the calls made through it, so that a reload forgets nothing.
 */
export interface RateLimiter {
  /**
   * When it is the caller's turn, that moment by the clock's `elapsed`: at once where nobody waits, else in the order of
   * asking. An abort leaves the queue, and uses no turn.
   */
  acquire(signal: AbortSignal): number | Promise<number>;
  /** A call brought an answer. */
  succeeded(): void;
  /** The call that had its turn at `turnAt` brought none. */
  failed(failure: BudgetFailure, turnAt: number): void;
  /** What the budget allows now: less than was configured after the provider throttled. */
  perSecond(): number;
  /** What the operator allows. */
  configuredPerSecond(): number;
  /** The operator wants another rate. What was learned of the provider stays, as a share of it. */
  setPerSecond(perSecond: number): void;
  /** How many are in the queue. */
  waiting(): number;
}

/** A new rate is heard of so soon. */
const longestSleepMs = secondMs;

export function createRateLimiter(perSecond: number, clock: Clock): RateLimiter {
  let budget = newRateBudget(perSecond);
  /** Resolves when everybody in the queue has had a turn or has left. */
  let queue: Promise<void> = Promise.resolve();
  let waiting = 0;

  return {
    acquire(signal) {
      signal.throwIfAborted();
      return waiting === 0 && wait() <= 0 ? take() : queued(signal);
    },
    succeeded() {
      budget = afterSuccess(budget, clock.elapsed());
    },
    failed(failure, turnAt) {
      budget = afterFailure(budget, failure, turnAt, clock.elapsed());
    },
    perSecond: () => perSecondOf(budget),
    configuredPerSecond: () => budget.configured,
    setPerSecond(configured) {
      budget = { ...budget, configured };
    },
    waiting: () => waiting,
  };

  async function queued(signal: AbortSignal): Promise<number> {
    const ahead = queue;
    const done = Promise.withResolvers<void>();
    queue = ahead.then(() => done.promise);
    waiting++;
    try {
      await unlessAborted(ahead, signal);
      // Asked again after each sleep: a timer may fire a little early, the provider may have asked us to wait, and the
      // operator may want another rate.
      for (let waitMs = wait(); waitMs > 0; waitMs = wait()) {
        await clock.sleep(Math.min(waitMs, longestSleepMs), signal);
      }
      return take();
    } finally {
      waiting--;
      done.resolve();
    }
  }

  function wait(): number {
    const now = clock.elapsed();
    return nextTokenAt(budget, now) - now;
  }

  function take(): number {
    const turnAt = clock.elapsed();
    budget = takeToken(budget, turnAt);
    return turnAt;
  }
}

/**
 * Lets a call wait for a turn of its operation, and its limiter learn from how it ended. An operation without a limiter
 * is a bug: nothing goes out unlimited.
 */
export function withRateLimit(call: Call, limiters: ReadonlyMap<string, RateLimiter>): Call {
  return async (operation, query, signal) => {
    const limiter = limiters.get(operation);
    if (limiter === undefined) throw new ProviderError('internal', `${operation}: no budget`);
    const turn = limiter.acquire(signal);
    const turnAt = typeof turn === 'number' ? turn : await turn;
    try {
      const answer = await call(operation, query, signal);
      limiter.succeeded();
      return answer;
    } catch (error) {
      if (error instanceof ProviderError) limiter.failed(error, turnAt);
      throw error;
    }
  };
}
