import { withClockSkewCheck } from '../calls/clock-skew.ts';
import { createHttp } from '../calls/http.ts';
import type { Attempt } from '../calls/observe.ts';
import { createRateLimiter, type RateLimiter } from '../calls/rate-limit.ts';
import { stackCall } from '../calls/stack.ts';
import type { Account } from '../config/config.ts';
import { type Secrets, secretKey } from '../config/secrets.ts';
import { type Clock, secondMs } from '../model/time.ts';
import type { ProviderModule } from '../providers/provider.ts';

/** Deadline of one attempt. A healthy provider responds in well under a second. */
const attemptMs = 10 * secondMs;

/** One retry covers most transient failures. The next run of the target requests the missed range again. */
const retry = { attempts: 2, baseMs: secondMs, maxMs: 5 * secondMs, deadlineMs: 15 * secondMs };

/** Deadline of one run: two calls, each with its retries and a last attempt. */
export const runDeadlineMs = 2 * (retry.deadlineMs + attemptMs);

/** Callbacks that observe the requests of one account. */
export interface SourceObservers {
  /** Reports each attempt of a request, except aborted ones. */
  onRequest(attempt: Attempt): void;
  /** Reports the local clock minus the provider's, for each response with a `Date` header. */
  onClockOffset(offsetMs: number): void;
  /** Reports the current rate limit of an operation when its sources are created or its budget changes. */
  onBudget(operation: string, requestsPerSecond: number): void;
  /** Reports an endpoint where signed requests can be read and replayed: plain HTTP to another host. */
  onInsecureEndpoint(host: string): void;
}

export interface SourceParts {
  readonly observers: SourceObservers;
  /** Environment variables, for HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Returns the maximum clock skew and clock step that a call accepts now. */
  readonly toleranceMs: () => number;
  /** Returns a random number from 0 to 1. */
  readonly random: () => number;
  readonly nonce: () => string;
}

/** Rate limiters of one account, by operation. They outlive a reload, with the rate that they adapted to. */
export type RateLimiters = Map<string, RateLimiter>;

/** The parts of an account that its sources depend on. */
export type SourceAccount = Pick<
  Account,
  'endpoints' | 'settings' | 'secrets' | 'requestsPerSecond' | 'proxyUrlEnv'
>;

/** The sources of one account. `close` ends the HTTP connections that they share. */
export interface AccountSources<Sources> {
  readonly byQuestion: Sources;
  /** Closes all connections, including active ones. */
  close(): Promise<void>;
}

/**
 * Creates the sources that `provider` offers for an account, with all wrappers. Updates `limiters` to its
 * budgets.
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

/** Endpoints on this host are safe, such as a simulator. */
function reportInsecureEndpoints(
  { endpoints }: SourceAccount,
  { onInsecureEndpoint }: SourceObservers,
): void {
  for (const endpoint of endpoints) {
    const { protocol, hostname } = new URL(endpoint);
    if (protocol === 'http:' && !/^(localhost|127\.|\[::1\])/.test(hostname)) onInsecureEndpoint(hostname);
  }
}
