import { withClockSkewCheck } from '../calls/clock-skew.ts';
import { createHttp } from '../calls/http.ts';
import type { Attempt } from '../calls/observe.ts';
import { createRateLimiter, type RateLimiter } from '../calls/rate-limit.ts';
import { stackCall } from '../calls/stack.ts';
import type { Account } from '../config/config.ts';
import { type Secrets, secretKey } from '../config/secrets.ts';
import { type Clock, secondMs } from '../model/time.ts';
import type { ProviderModule } from '../providers/provider.ts';

/** Deadline of one attempt of a request, in ms. A healthy provider responds in well under a second. */
const attemptMs = 10 * secondMs;

/**
 * Settings of the retries of one request, in ms. One retry covers most transient failures, and the next run
 * of the target requests the missed range again.
 */
const retry = { attempts: 2, baseMs: secondMs, maxMs: 5 * secondMs, deadlineMs: 15 * secondMs };

/**
 * Deadline of one run (one poll of one target) in ms: time for two calls, each with its retries and a last
 * attempt.
 */
export const runDeadlineMs = 2 * (retry.deadlineMs + attemptMs);

/** Callbacks that observe the requests of one account. */
export interface SourceObservers {
  /** Reports each attempt of a request, except aborted ones. */
  onRequest(attempt: Attempt): void;
  /** Reports the local clock minus the provider's clock in ms, for each response with a `Date` header. */
  onClockOffset(offsetMs: number): void;
  /**
   * Reports the current rate limit of an operation, when its sources are created or its budget (configured
   * rate limit) changes.
   */
  onBudget(operation: string, requestsPerSecond: number): void;
  /**
   * Reports the host of an endpoint where others can read and replay signed requests: plain HTTP to another
   * host.
   */
  onInsecureEndpoint(host: string): void;
}

/** Dependencies of `createSources`. */
export interface SourceParts {
  readonly observers: SourceObservers;
  /** Environment variables, for HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Returns the current maximum of clock skew and clock step in ms that a call accepts. */
  readonly toleranceMs: () => number;
  /** Returns a random number from 0 to 1. */
  readonly random: () => number;
  /** Returns a unique text. */
  readonly nonce: () => string;
}

/**
 * Rate limiters of one account, by operation. Rate limiters outlive a reload, so that each keeps the rate
 * that it has adapted to.
 */
export type RateLimiters = Map<string, RateLimiter>;

/** The settings of an account that its sources depend on. */
export type SourceAccount = Pick<
  Account,
  'endpoints' | 'settings' | 'secrets' | 'requestsPerSecond' | 'proxyUrlEnv'
>;

/** Sources of one account, and the function that closes their shared HTTP connections. */
export interface AccountSources<Sources> {
  /** Sources by question (kind of data). */
  readonly byQuestion: Sources;
  /** Closes all connections of the sources, including active connections. */
  close(): Promise<void>;
}

/**
 * Creates the sources that `provider` offers for an account, with rate limits, retries and clock checks.
 * Updates `limiters` to the budgets of the account.
 */
export function createSources<Sources>(
  provider: ProviderModule<Sources>,
  account: SourceAccount,
  secrets: Secrets,
  limiters: RateLimiters,
  parts: SourceParts,
): AccountSources<Sources> {
  const { observers, env, clock, toleranceMs, random, nonce } = parts;
  const { settings, proxyUrlEnv } = account;
  const { now } = clock;
  updateLimiters(limiters, account, parts);
  if (provider.hasReplayableRequests) reportInsecureEndpoints(account, observers);

  const http = createHttp({
    connectTimeoutMs: 5 * secondMs,
    responseTimeoutMs: 15 * secondMs,
    env,
    proxyUrl:
      proxyUrlEnv === undefined ? undefined : secrets.get(secretKey({ from: 'env', name: proxyUrlEnv })),
  });
  const getSecret = (name: string) => {
    const ref = account.secrets[name];
    return ref && secrets.get(secretKey(ref));
  };
  const byQuestion = provider.createSources(
    { settings, getSecret },
    {
      http: withClockSkewCheck(http.send, { now, toleranceMs, onOffset: observers.onClockOffset }),
      wrap: (call) =>
        stackCall(call, {
          limiters,
          observe: observers.onRequest,
          attemptMs,
          retry,
          toleranceMs,
          clock,
          random,
        }),
      now,
      nonce,
    },
  );
  return { byQuestion, close: http.close };
}

/** Sets the rate limiters to the budgets of the account, and creates missing rate limiters. */
function updateLimiters(
  limiters: RateLimiters,
  { requestsPerSecond }: SourceAccount,
  { clock, observers }: SourceParts,
): void {
  for (const [operation, perSecond] of Object.entries(requestsPerSecond)) {
    const limiter = limiters.get(operation) ?? createRateLimiter(perSecond, clock);
    limiters.set(operation, limiter);
    limiter.setPerSecond(perSecond);
    observers.onBudget(operation, limiter.perSecond());
  }
}

/** Reports the endpoints with plain HTTP, except endpoints on this host, such as a simulator. */
function reportInsecureEndpoints(
  { endpoints }: SourceAccount,
  { onInsecureEndpoint }: SourceObservers,
): void {
  for (const endpoint of endpoints) {
    const { protocol, hostname } = new URL(endpoint);
    if (protocol === 'http:' && !/^(localhost|127\.|\[::1\])/.test(hostname)) onInsecureEndpoint(hostname);
  }
}
