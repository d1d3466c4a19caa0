import { isRetryable, type ProviderError } from '../model/answer.ts';
import { tokenSpacingMs } from '../model/effective-interval.ts';
import { minuteMs, secondMs } from '../model/time.ts';

/**
 * Rate limit of one operation at one account: a token bucket with a burst of 1 whose rate adapts by AIMD
 * (additive increase, multiplicative decrease). Tokens are evenly spaced, so that the rate is not exceeded in
 * any calendar second of the provider's clock, even if that clock has an offset. Times are monotonic
 * milliseconds; -Infinity means never.
 */
export interface RateBudget {
  /** Configured rate in requests per second. */
  readonly configured: number;
  /**
   * Current share of the configured rate, from 0 to 1. Throttling lowers the share. A change of the
   * configured rate keeps the share.
   */
  readonly share: number;
  /** Time at which the share was last halved. */
  readonly cutAt: number;
  readonly lastTokenAt: number;
  /** Time before which no token is available, because of throttling. */
  readonly heldUntil: number;
  /**
   * Time up to which successes have already raised `share` (monotonic ms). The next success raises `share` in
   * proportion to the time since then. A `throttled` or `unavailable` failure only moves this time forward,
   * so that the time before the failure does not raise `share`.
   */
  readonly creditedUntil: number;
}

/** Fields of a failed call that affect the rate limit. */
export type BudgetFailure = Pick<ProviderError, 'kind' | 'retryAfterMs'>;

/**
 * Minimum of the adapted rate in requests per second. With a lower rate, the limiter would notice the end of
 * throttling too late.
 */
const minPerSecond = 1;

/**
 * Time in ms in which successful requests raise the share from 0 to 1, so that most of the rate returns
 * within a minute.
 */
const recoveryMs = 50 * secondMs;

/**
 * Pause in ms after the token of a throttled request. Providers count requests per calendar second. When the
 * limit of a second is used up, they refuse every request in the rest of that second, which is half a second
 * on average. More requests in that time would halve the share again.
 */
const throttlePauseMs = secondMs / 2;

/**
 * Maximum time in ms for which a `Retry-After` value stops the operation. A longer, probably mistaken value
 * is reduced to this maximum.
 */
const maxHoldMs = minuteMs;

export function newRateBudget(configured: number): RateBudget {
  const never = -Infinity;
  return { configured, share: 1, cutAt: never, lastTokenAt: never, heldUntil: never, creditedUntil: never };
}

/**
 * Returns the current rate in requests per second: the configured rate times the share, but at least
 * `minPerSecond`, and never more than the configured rate.
 */
export function perSecondOf({ configured, share }: RateBudget): number {
  return Math.max(Math.min(minPerSecond, configured), configured * share);
}

/** Returns the earliest time at which a token is available, at least `now`. */
export function nextTokenAt(budget: RateBudget, now: number): number {
  return Math.max(now, budget.lastTokenAt + tokenSpacingMs(perSecondOf(budget)), budget.heldUntil);
}

/**
 * Takes a token at the time `at`. Unused tokens do not accumulate, because the next token is spaced from the
 * time at which this token was really taken.
 */
export function takeToken(budget: RateBudget, at: number): RateBudget {
  return { ...budget, lastTokenAt: at };
}

/**
 * Returns the budget after a success at `at`. Additive increase: the share rises in proportion to the time
 * since `creditedUntil`.
 */
export function afterSuccess(budget: RateBudget, at: number): RateBudget {
  // Nearly always. The time of the success does not matter then: a cut of the share sets `creditedUntil` anew.
  if (budget.share === 1) return budget;
  const creditedUntil = Math.max(at, budget.creditedUntil);
  const share = Math.min(1, budget.share + (creditedUntil - budget.creditedUntil) / recoveryMs);
  return { ...budget, share, creditedUntil };
}

/**
 * Returns the budget after a call failed at `at` whose token was taken at `tokenAt`. Only `throttled` lowers
 * the rate and pauses the operation. An `unavailable` failure can concern a single target, so its
 * `Retry-After` delays only the retry for that target. But the time before the failure does not raise the
 * share. Failures that are not retryable do not change the budget.
 */
export function afterFailure(
  budget: RateBudget,
  failure: BudgetFailure,
  tokenAt: number,
  at: number,
): RateBudget {
  const { kind, retryAfterMs = 0 } = failure;
  if (!isRetryable(kind)) return budget;
  if (kind !== 'throttled') return { ...budget, creditedUntil: Math.max(budget.creditedUntil, at) };
  const pausedUntil = tokenAt + throttlePauseMs;
  const heldUntil = Math.max(budget.heldUntil, pausedUntil, at + Math.min(retryAfterMs, maxHoldMs));
  const held = { ...budget, heldUntil, creditedUntil: heldUntil };
  // Multiplicative decrease, but only once per burst: calls that were in flight at the same time were
  // throttled for the same reason.
  return tokenAt > budget.cutAt ? { ...held, share: budget.share / 2, cutAt: at } : held;
}
