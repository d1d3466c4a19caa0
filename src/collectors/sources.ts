import { withClockSkewCheck } from '../calls/clock-skew.ts';
import { createExchangeObserver, type Exchange } from '../calls/exchanges.ts';
import { createHttp } from '../calls/http.ts';
import type { LargeBodies } from '../calls/large-bodies.ts';
import type { Attempt } from '../calls/observe.ts';
import { createRateLimiter, type RateLimiter } from '../calls/rate-limit.ts';
import type { RetryPolicy } from '../calls/retry.ts';
import { stackCall } from '../calls/stack.ts';
import type { Account } from '../config/config.ts';
import { isLoopback } from '../config/no-proxy.ts';
import { createProxyChoice } from '../config/proxy.ts';
import { createSecretFiles } from '../config/secret-files.ts';
import { type Secrets, secretKey } from '../config/secrets.ts';
import { createSlices } from '../model/slices.ts';
import { type Clock, secondMs } from '../model/time.ts';
import { createLibraryThread } from '../providers/kit/library-thread.ts';
import type { ProviderModule } from '../providers/provider.ts';

/**
 * Maximum duration of one attempt at a request, in ms. A healthy provider responds in well under a second.
 */
export const defaultAttemptMs = 10 * secondMs;

/**
 * Deadline of opening a connection: less than `defaultAttemptMs`, so that the failure says that no connection was
 * opened.
 */
const connectTimeoutMs = 8 * secondMs;

/**
 * Settings for retries of a request. One retry suffices for most transient failures; if it fails too, the
 * next run of the target requests the missed range again.
 */
const defaultRetry: RetryPolicy = {
  attempts: 2,
  baseMs: secondMs,
  maxMs: 5 * secondMs,
  deadlineMs: 15 * secondMs,
};

/**
 * Duration in ms that one run (one poll of one target) normally does not exceed, not including the time for
 * which its requests wait for rate-limit tokens: two calls, each of which takes the retry deadline plus one
 * last attempt. More calls, as for a truncated answer, are rare.
 */
export const runDeadlineMs = 2 * (defaultRetry.deadlineMs + defaultAttemptMs);

/** Maximum time in ms for which reading a list blocks the event loop before it yields. */
const sliceMs = 4;

/** Callbacks that observe the requests of one account. */
export interface SourceObservers {
  /** Reports each attempt at a request, except aborted attempts. */
  onRequest(attempt: Attempt): void;
  /**
   * Reports the measured clock skew for each response with a `Date` header: local clock minus provider clock,
   * in ms.
   */
  onClockOffset(offsetMs: number): void;
  /**
   * Reports the current rate limit of an operation when its sources are created and when its budget (the
   * configured rate limit) changes.
   */
  onBudget(operation: string, requestsPerSecond: number): void;
  /**
   * Reports the host of an endpoint that uses plain HTTP, if requests leave this host and anybody who reads a
   * signed request on the network can send it again.
   */
  onInsecureEndpoint(host: string): void;
  /**
   * Reports that changed secret files of the account were read. `problem` is the reason why the old secrets
   * stay in use; undefined if the new ones are in use.
   */
  onSecretsRead(problem: string | undefined): void;
  /**
   * Reports that the credentials of a role or profile cannot be renewed, so that the old ones stay in use
   * until they expire (`problem`), or that they are renewed again (undefined).
   */
  onRenewal(problem: unknown): void;
  /** Reports each response with its request. Only a command that examines the responses needs it. */
  onExchange?(exchange: Exchange): void;
}

/** Dependencies of `createSources`. */
export interface SourceParts {
  readonly observers: SourceObservers;
  /**
   * Environment variables: the proxy variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY, and those of the
   * providers' credential libraries.
   */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Memory budget of large response bodies of all accounts. */
  readonly largeBodies: LargeBodies;
  readonly clock: Clock;
  /** Returns the largest clock skew and clock step in ms that is currently accepted. */
  readonly toleranceMs: () => number;
  /** Returns a random number from 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** Returns a different text on each call, for use as a nonce. */
  readonly nonce: () => string;
  /** Maximum duration of one attempt at a request, in ms. */
  readonly attemptMs?: number;
  readonly retry?: RetryPolicy;
}

/** Rate limiters of one account, by operation. They outlive a reload, so that each keeps its adapted rate. */
export type RateLimiters = Map<string, RateLimiter>;

/** Settings of an account on which its sources depend. */
export type SourceAccount = Pick<
  Account,
  'endpoints' | 'settings' | 'secrets' | 'requestsPerSecond' | 'proxyUrlEnv'
>;

/** Sources of one account, and the function that closes their HTTP connections. */
export interface AccountSources<Sources> {
  /** Sources by kind of data. */
  readonly byQuestion: Sources;
  /** Closes all connections of the sources, including those in use. */
  close(): Promise<void>;
}

/**
 * Creates the sources that `provider` offers for an account, with rate limits, retries and clock checks. Also
 * sets `limiters` to the budgets of the account.
 */
export function createSources<Sources>(
  provider: ProviderModule<Sources>,
  account: SourceAccount,
  secrets: Secrets,
  limiters: RateLimiters,
  parts: SourceParts,
): AccountSources<Sources> {
  const { observers, env, largeBodies, clock, toleranceMs, random, nonce } = parts;
  const { attemptMs = defaultAttemptMs, retry = defaultRetry } = parts;
  const { settings, endpoints, proxyUrlEnv } = account;
  const { now } = clock;
  updateLimiters(limiters, account, parts);
  if (provider.hasReplayableRequests) reportInsecureEndpoints(account, observers);

  const proxyUrl =
    proxyUrlEnv === undefined ? undefined : secrets.get(secretKey({ from: 'env', name: proxyUrlEnv }));
  const proxyOf = createProxyChoice({ proxyUrl, env });
  // Fail now if the proxy of an endpoint is unusable, and not with the first request.
  for (const endpoint of endpoints) proxyOf(new URL(endpoint));
  const http = createHttp({ connectTimeoutMs, responseTimeoutMs: 15 * secondMs, largeBodies, proxyOf });
  const ownSecrets = createSecretFiles(account.secrets, secrets, {
    elapsed: clock.elapsed,
    onRead: observers.onSecretsRead,
  });
  const closing = new AbortController();
  const { onExchange } = observers;
  const exchanges = onExchange && createExchangeObserver((exchange) => onExchange(exchange), now);
  const byQuestion = provider.createSources(
    { settings, getSecret: ownSecrets.get },
    {
      http: withClockSkewCheck(exchanges?.ofHttp(http.send) ?? http.send, {
        now,
        toleranceMs,
        onOffset: observers.onClockOffset,
      }),
      wrap: (call, renewable = ownSecrets) =>
        stackCall(exchanges?.ofCall(call) ?? call, {
          limiters,
          observe: observers.onRequest,
          attemptMs,
          retry,
          secrets: renewable,
          toleranceMs,
          clock,
          random,
        }),
      askLibrary: createLibraryThread({ env, proxyOf, clock, signal: closing.signal }),
      onRenewal(problem) {
        // A renewal that fails because its thread was ended is no problem: other sources replace these.
        if (!closing.signal.aborted) observers.onRenewal(problem);
      },
      now,
      elapsed: clock.elapsed,
      nonce,
      inSlices: createSlices({ ...clock, sliceMs }),
    },
  );
  const close = () => {
    closing.abort(new Error('the sources are closed'));
    return http.close();
  };
  return { byQuestion, close };
}

/** Sets the rates of the rate limiters to the budgets of the account. Creates missing rate limiters. */
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

/** Reports each endpoint that uses plain HTTP, except endpoints on this host, such as a simulator. */
function reportInsecureEndpoints(
  { endpoints }: SourceAccount,
  { onInsecureEndpoint }: SourceObservers,
): void {
  for (const endpoint of endpoints) {
    const { protocol, hostname } = new URL(endpoint);
    if (protocol === 'http:' && !isLoopback(hostname)) onInsecureEndpoint(hostname);
  }
}
