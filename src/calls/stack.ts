import type { Clock } from '../model/time.ts';
import type { Call, SignedCall } from './call.ts';
import { withClockStepCheck } from './clock-step.ts';
import { withDeadline } from './deadline.ts';
import { type Attempt, withObserver } from './observe.ts';
import { type RateLimiter, withRateLimit } from './rate-limit.ts';
import { type RetrySettings, withRetry } from './retry.ts';

export interface StackParts {
  /** By operation. */
  readonly limiters: ReadonlyMap<string, RateLimiter>;
  readonly observe: (attempt: Attempt) => void;
  /** How long one attempt may take, from its turn on. */
  readonly attemptMs: number;
  readonly retry: RetrySettings;
  /** By how much our clock may be set while a call is under way. */
  readonly toleranceMs: () => number;
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * What is wrapped round every provider's signed call. From the outside in: use no answer while our clock is set; try
 * again what may heal; wait for a turn; count the attempt; give up in time; sign and send. So each attempt has a turn, a
 * deadline and a signature of its own.
 */
export function stackCall(signedCall: SignedCall, parts: StackParts): Call {
  const { limiters, observe, attemptMs, retry, toleranceMs, clock, random } = parts;
  const attempt = withObserver(withDeadline(signedCall, attemptMs, clock), observe, clock);
  return withClockStepCheck(
    withRetry(withRateLimit(attempt, limiters), retry, clock, random),
    toleranceMs,
    clock,
  );
}
