import { ProviderError } from '../model/answer.ts';
import type { Clock } from '../model/time.ts';
import { unlessAborted } from './abort.ts';
import { newBudget, nextTurnAt, takeTurn } from './budget.ts';
import type { Call } from './call.ts';

/**
 * The turns of one operation at one account. It outlives the calls made through it, so that a reload forgets nothing.
 */
export interface Limiter {
  /** Resolves when it is the caller's turn, in the order of asking. An abort leaves the queue, and uses no turn. */
  turn(signal: AbortSignal): Promise<void>;
  /** What the budget allows now. */
  perSecond(): number;
  /** The operator wants another rate. */
  setPerSecond(perSecond: number): void;
  /** How many are in the queue. */
  waiting(): number;
}

export function createLimiter(perSecond: number, clock: Clock): Limiter {
  let budget = newBudget(perSecond);
  /** Resolves when everybody in the queue has had a turn or has left. */
  let queue: Promise<void> = Promise.resolve();
  let waiting = 0;

  return {
    async turn(signal) {
      const ahead = queue;
      const done = Promise.withResolvers<void>();
      queue = ahead.then(() => done.promise);
      waiting++;
      try {
        await unlessAborted(ahead, signal);
        // Asked again after each sleep: a timer may fire a little early.
        for (let waitMs = wait(); waitMs > 0; waitMs = wait()) await clock.sleep(waitMs, signal);
        budget = takeTurn(budget, clock.elapsed());
      } finally {
        waiting--;
        done.resolve();
      }
    },
    perSecond: () => budget.perSecond,
    setPerSecond(perSecond) {
      budget = { ...budget, perSecond };
    },
    waiting: () => waiting,
  };

  function wait(): number {
    const now = clock.elapsed();
    return nextTurnAt(budget, now) - now;
  }
}

/**
 * Lets a call wait for a turn of its operation. An operation without a limiter is a bug: nothing goes out unlimited.
 */
export function limited(call: Call, limiters: ReadonlyMap<string, Limiter>): Call {
  return async (operation, query, signal) => {
    const limiter = limiters.get(operation);
    if (limiter === undefined) throw new ProviderError('internal', `${operation}: no budget`);
    await limiter.turn(signal);
    return call(operation, query, signal);
  };
}
