import { isRetryable, type ProviderError } from '../model/answer.ts';
import { tokenSpacingMs } from '../model/effective-interval.ts';
import { minuteMs, secondMs } from '../model/time.ts';

/**
 * Rate limit of one operation at one account: a token bucket with a burst of 1 whose rate adapts by AIMD
 * (additive increase, multiplicative decrease). Tokens are spaced evenly, so that no calendar second at the
 * provider exceeds the rate, whatever the offset of its clock. Times are monotonic milliseconds; -Infinity
 * means never.
 */
export interface RateBudget {
  /** The operator's limit, in requests per second. */
  readonly configured: number;
  /** Learned share of the configured rate, from 0 to 1. It stays valid if the operator changes the rate. */
  readonly share: number;
  /** When the share was last halved. */
  readonly cutAt: number;
  readonly lastTokenAt: number;
  /** There is no token before this time. */
  readonly heldUntil: number;
  /**
   * Time up to which recovery is accounted for (monotonic ms). The next success raises `share` only for the
   * time after it; a throttled or unavailable response moves it forward without raising `share`.
   */
  readonly creditedUntil: number;
}

/** Outcome of a failed call, as far as it concerns the rate limit. */
export type BudgetFailure = Pick<ProviderError, 'kind' | 'retryAfterMs'>;

/**
 * Lower bound of the learned rate: with fewer requests, the limiter would notice the end of throttling too
 * late.
 */
const minPerSecond = 1;

/** Successful time that raises the share from 0 to 1. So 90 % of the rate returns within a minute. */
const recoveryMs = 50 * secondMs;

/**
 * Pause after a throttled request's token. Providers count per calendar second and refuse every request in
 * the rest of an exhausted second, half a second on average. Further requests in it would halve the share
 * again.
 */
const throttlePauseMs = secondMs / 2;

/**
 * Maximum hold, whatever `Retry-After` requests: a mistaken value must not block the operation for longer.
 */
const maxHoldMs = minuteMs;

export function newRateBudget(configured: number): RateBudget {
  const never = -Infinity;
  return { configured, share: 1, cutAt: never, lastTokenAt: never, heldUntil: never, creditedUntil: never };
}

/**
 * Returns the current rate: at most the configured one, and at least `minPerSecond` unless less is
 * configured.
 */
export function perSecondOf({ configured, share }: RateBudget): number {
  return Math.max(Math.min(minPerSecond, configured), configured * share);
}

/** Returns the earliest time of the next token, not before `now`. */
export function nextTokenAt(budget: RateBudget, now: number): number {
  return Math.max(now, budget.lastTokenAt + tokenSpacingMs(perSecondOf(budget)), budget.heldUntil);
}

/** Takes a token at its actual time. Unused tokens do not accumulate. */
export function takeToken(budget: RateBudget, at: number): RateBudget {
  return { ...budget, lastTokenAt: at };
}

/** Additive increase: raises the share in proportion to the time since `creditedUntil`. */
export function afterSuccess(budget: RateBudget, at: number): RateBudget {
  const creditedUntil = Math.max(at, budget.creditedUntil);
  const share = Math.min(1, budget.share + (creditedUntil - budget.creditedUntil) / recoveryMs);
  return { ...budget, share, creditedUntil };
}

/**
 * Returns the budget after a call with a token of `tokenAt` failed at `at`. Only `throttled` lowers the rate
 * and holds the operation. `unavailable` can concern a single target, so its `Retry-After` delays only that
 * target's retry, but the time of an outage does not raise the share. Failures that are not retryable say
 * nothing about the rate limit.
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
  // Multiplicative decrease, once per burst: calls that were in flight together were throttled for the same
  // reason.
  return tokenAt > budget.cutAt ? { ...held, share: budget.share / 2, cutAt: at } : held;
}
