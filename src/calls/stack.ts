import type { Call, RenewableSecrets, SignedCall } from './call.ts';
import { withClockStepCheck } from './clock-step.ts';
import { withDeadline } from './deadline.ts';
import { type Attempt, withObserver } from './observe.ts';
import { type RateLimiter, withRateLimit } from './rate-limit.ts';
import { withRenewal } from './renewal.ts';
import { type RetryPolicy, type RetrySpec, withRetry } from './retry.ts';

export interface StackSpec extends Pick<RetrySpec, 'clock' | 'random'> {
  /** Rate limiters of the account, by operation name. */
  readonly limiters: ReadonlyMap<string, RateLimiter>;
  readonly observe: (attempt: Attempt) => void;
  /**
   * Maximum duration of one attempt in ms, not including the time for which the attempt waits for its
   * rate-limit token.
   */
  readonly attemptMs: number;
  readonly retry: RetryPolicy;
  readonly secrets: RenewableSecrets;
  /** Returns the largest step of the wall clock, in ms, that is accepted during a call. */
  readonly toleranceMs: () => number;
}

/**
 * Wraps a provider's signed call. The wrappers, from the outside in, are: clock step, retry, renewal of
 * secrets, rate limit, observe, deadline. Each attempt has its own token, deadline and signature.
 */
export function stackCall(signedCall: SignedCall, spec: StackSpec): Call {
  const { limiters, observe, attemptMs, retry, secrets, toleranceMs, clock, random } = spec;
  const attempt = withObserver(withDeadline(signedCall, attemptMs, clock), observe, clock);
  const renewed = withRenewal(withRateLimit(attempt, limiters), secrets, clock);
  const retried = withRetry(renewed, { ...retry, clock, random });
  return withClockStepCheck(retried, toleranceMs, clock);
}
