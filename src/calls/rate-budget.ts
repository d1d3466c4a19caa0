import { type FailureKind, isRetryable } from '../model/answer.ts';
import { tokenSpacingMs } from '../model/effective-interval.ts';
import { minuteMs, secondMs } from '../model/time.ts';

/**
 * How often one operation of one account may be called: as the operator allows, and less while the provider bears less.
 * A token bucket that holds one token: turns are paced, so that no second of the provider's sees more than the rate,
 * however its seconds lie. All moments are on the clock that only goes forward; -Infinity: not yet.
 */
export interface RateBudget {
  /** What the operator allows. */
  readonly configured: number;
  /** The part of it that the provider bears, from 0 to 1: so what was learned holds for another rate too. */
  readonly share: number;
  /** When the share was last halved. */
  readonly cutAt: number;
  readonly lastTokenAt: number;
  /** No turn comes before. */
  readonly heldUntil: number;
  /** The share grew, or could not, up to here. */
  readonly reviewedUntil: number;
}

/** What a failed call tells of the limits at the provider. */
export interface BudgetFailure {
  readonly kind: FailureKind;
  /** How long the provider asked us to wait, where it did. */
  readonly retryAfterMs: number | undefined;
}

/** However often the provider throttles: who asks less often learns too late that it has ended. */
const leastPerSecond = 1;

/** So much time of answers brings all of the rate back; 90 % of it within a minute, whatever was left. */
const recoveryMs = 50 * secondMs;

/**
 * From a refused turn to the next. Providers count by calendar second, and refuse all that comes in what is left of a
 * used up one: half of it, on average. Calls sent into it would cut the share again and again.
 */
const restMs = secondMs / 2;

/** A provider that asks for more is asked once a minute all the same, in case it did not mean it. */
const longestHoldMs = minuteMs;

export function newRateBudget(configured: number): RateBudget {
  const never = -Infinity;
  return { configured, share: 1, cutAt: never, lastTokenAt: never, heldUntil: never, reviewedUntil: never };
}

/** The present rate: at most what is configured, at least one a second where that much is. */
export function perSecondOf({ configured, share }: RateBudget): number {
  return Math.max(Math.min(leastPerSecond, configured), configured * share);
}

/** The earliest moment for the next turn, not before `now`. */
export function nextTokenAt(budget: RateBudget, now: number): number {
  return Math.max(now, budget.lastTokenAt + tokenSpacingMs(perSecondOf(budget)), budget.heldUntil);
}

/** The budget after a turn. Counted from when it was really taken: turns that were missed are not made up for. */
export function takeToken(budget: RateBudget, at: number): RateBudget {
  return { ...budget, lastTokenAt: at };
}

/** The budget after an answer at `at`: the share grows with the time that went well. */
export function afterSuccess(budget: RateBudget, at: number): RateBudget {
  const reviewedUntil = Math.max(at, budget.reviewedUntil);
  const share = Math.min(1, budget.share + (reviewedUntil - budget.reviewedUntil) / recoveryMs);
  return { ...budget, share, reviewedUntil };
}

/**
 * The budget after a call that had its turn at `turnAt` failed at `at`. One that won't heal tells nothing of limits. Nor
 * does one that found its target out of order, whatever it was asked to wait: only its own retry waits, for one sick
 * target silences no other. But what is out of order does not bring the rate back either.
 */
export function afterFailure(
  budget: RateBudget,
  failure: BudgetFailure,
  turnAt: number,
  at: number,
): RateBudget {
  const { kind, retryAfterMs = 0 } = failure;
  if (!isRetryable(kind)) return budget;
  if (kind !== 'throttled') return { ...budget, reviewedUntil: Math.max(budget.reviewedUntil, at) };
  const judged = cut(budget, turnAt, at);
  const heldUntil = Math.max(judged.heldUntil, at + Math.min(retryAfterMs, longestHoldMs));
  return { ...judged, heldUntil, reviewedUntil: heldUntil };
}

/** Halves the share, once for all the calls that were under way together: they were refused for the same reason. */
function cut(budget: RateBudget, turnAt: number, at: number): RateBudget {
  const rested = { ...budget, heldUntil: Math.max(budget.heldUntil, turnAt + restMs) };
  return turnAt > budget.cutAt ? { ...rested, share: budget.share / 2, cutAt: at } : rested;
}
