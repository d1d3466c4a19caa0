import type { Call, Http, SignedCall } from '../calls/call.ts';
import { withClockSkewCheck } from '../calls/clock-skew.ts';
import { createHttp } from '../calls/http.ts';
import { createRateLimiter, type RateLimiter } from '../calls/rate-limit.ts';
import { stackCall } from '../calls/stack.ts';
import type { Account, AlibabaAccount, SecretRef, TencentAccount } from '../config/config.ts';
import { type Secrets, secretKey } from '../config/secrets.ts';
import type { Log } from '../log.ts';
import type { ExporterMetrics } from '../metrics/exporter/exporter-metrics.ts';
import type { ControlHistorySource, PushHistorySource } from '../model/questions.ts';
import { type Clock, secondMs } from '../model/time.ts';
import { createAlibabaCall } from '../providers/alibaba/call.ts';
import { createAlibabaControlHistory } from '../providers/alibaba/control-history.ts';
import { createStatcgiCall } from '../providers/tencent/statcgi/call.ts';
import { createStatcgiPushHistory } from '../providers/tencent/statcgi/push-history.ts';

/** How long one attempt may take. A healthy provider answers in well under a second. */
const attemptMs = 10 * secondMs;

/** A second try heals most faults; what lasts longer is left to the target's next turn, with all that came meanwhile. */
const retry = { attempts: 2, baseMs: secondMs, maxMs: 5 * secondMs, deadlineMs: 15 * secondMs };

/** The longest that a run of two calls can take: each may wait, fail, and be tried again. */
export const runDeadlineMs = 2 * (retry.deadlineMs + attemptMs);

export interface SourceParts {
  readonly metrics: ExporterMetrics;
  readonly log: Log;
  /** For HTTP_PROXY and its like. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** How far our clock and the provider's may differ, at this moment. */
  readonly toleranceMs: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  readonly nonce: () => string;
}

/** The limiters of one account, by operation. They outlive a reload, with all that they learned. */
export type RateLimiters = Map<string, RateLimiter>;

/** What an account can be asked. */
export interface Sources {
  readonly push: PushHistorySource | undefined;
  readonly control: ControlHistorySource | undefined;
  /** Ends its connections, also those in use. */
  close(): Promise<void>;
}

/** The account's signed calls, with all that is wrapped round them, as sources. Brings `limiters` up to date. */
export function createSources(
  account: Account,
  secrets: Secrets,
  limiters: RateLimiters,
  parts: SourceParts,
): Sources {
  const { metrics, env, clock, toleranceMs } = parts;
  const { name, provider, requestsPerSecond, proxyUrlEnv } = account;
  const labels = { account: name, provider };
  metrics.addAccount(labels, account.expectedDelayMs);
  for (const [operation, perSecond] of Object.entries(requestsPerSecond)) {
    const limiter = limiters.get(operation);
    if (limiter === undefined) {
      limiters.set(operation, createRateLimiter(perSecond, clock));
      metrics.addOperation({ ...labels, operation });
    } else limiter.setPerSecond(perSecond);
    metrics.setBudget({ ...labels, operation }, limiters.get(operation)?.perSecond() ?? perSecond);
  }
  const http = createHttp({
    connectTimeoutMs: 5 * secondMs,
    headersTimeoutMs: 15 * secondMs,
    bodyTimeoutMs: 15 * secondMs,
    env,
    proxyUrl:
      proxyUrlEnv === undefined ? undefined : secrets.get(secretKey({ from: 'env', name: proxyUrlEnv })),
  });
  const { now } = clock;
  const onOffset = (offsetMs: number) => metrics.setClockOffset(labels, offsetMs);
  const send = withClockSkewCheck(http.send, { now, toleranceMs, onOffset });
  const stacked = (signedCall: SignedCall) => wrap(signedCall, account, limiters, parts);
  switch (provider) {
    case 'tencent': {
      warnOfPlainHttp(account, parts.log);
      const call = stacked(statcgiCall(account, secrets, send, now));
      const { timeZoneOffsetMs } = account.statcgi;
      const push = createStatcgiPushHistory(call, { timeZoneOffsetMs, now });
      return { push, control: undefined, close: http.close };
    }
    case 'alibaba': {
      const call = stacked(alibabaCall(account, secrets, send, parts));
      return { push: undefined, control: createAlibabaControlHistory(call, { now }), close: http.close };
    }
    default:
      return provider satisfies never;
  }
}

function statcgiCall(
  { statcgi }: TencentAccount,
  secrets: Secrets,
  http: Http,
  now: Clock['now'],
): SignedCall {
  const { endpoint, appId, key } = statcgi;
  return createStatcgiCall({ http, endpoint, appId, key: secretAt(secrets, key), now });
}

/** The documented endpoint has no other way: whoever sees a call pass can repeat it, and others, until it expires. */
function warnOfPlainHttp({ name, statcgi: { endpoint } }: TencentAccount, log: Log): void {
  const { protocol, hostname } = new URL(endpoint);
  if (protocol !== 'http:' || /^(localhost|127\.|\[::1\])/.test(hostname)) return;
  log.warn('calls go over plain HTTP, where they can be read and repeated until their signature expires', {
    account: name,
    host: hostname,
  });
}

function alibabaCall(
  { endpoint, signature, format, accessKeyId, accessKeySecret, securityToken }: AlibabaAccount,
  secrets: Secrets,
  http: Http,
  { clock: { now }, nonce }: SourceParts,
): SignedCall {
  return createAlibabaCall({
    http,
    endpoint,
    accessKeyId: secretAt(secrets, accessKeyId),
    accessKeySecret: secretAt(secrets, accessKeySecret),
    securityToken: securityToken === undefined ? undefined : secrets.get(secretKey(securityToken)),
    signature,
    format,
    now,
    nonce,
  });
}

/** A config that names a secret which is not there was refused; so this is a bug of ours. */
function secretAt(secrets: Secrets, place: SecretRef): string {
  const secret = secrets.get(secretKey(place));
  if (secret === undefined) throw new Error('a secret is missing that was read before');
  return secret;
}

function wrap(
  signedCall: SignedCall,
  { name, provider }: Account,
  limiters: RateLimiters,
  { metrics, clock, toleranceMs, random }: SourceParts,
): Call {
  return stackCall(signedCall, {
    limiters,
    observe: ({ operation, kind, durationMs }) =>
      metrics.countRequest({ account: name, provider, operation }, { tookMs: durationMs, failure: kind }),
    attemptMs,
    retry,
    toleranceMs,
    clock,
    random,
  });
}
