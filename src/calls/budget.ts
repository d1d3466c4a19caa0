import { secondMs } from '../model/time.ts';

/**
 * How often one operation of one account may be called. A token bucket that holds one token: turns are paced, so that
 * no second of the provider's sees more than the rate, however its seconds lie.
 */
export interface Budget {
  readonly perSecond: number;
  /** When the last turn was taken, on the clock that only goes forward; undefined before the first. */
  readonly lastTurnAt: number | undefined;
}

export function newBudget(perSecond: number): Budget {
  return { perSecond, lastTurnAt: undefined };
}

/** The earliest moment for the next turn, not before `now`. */
export function nextTurnAt({ perSecond, lastTurnAt }: Budget, now: number): number {
  return lastTurnAt === undefined ? now : Math.max(now, lastTurnAt + secondMs / perSecond);
}

/** The budget after a turn. Counted from when it was really taken: turns that were missed are not made up for. */
export function takeTurn(budget: Budget, at: number): Budget {
  return { ...budget, lastTurnAt: at };
}
