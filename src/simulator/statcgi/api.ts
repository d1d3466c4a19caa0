import { dayMs, type EpochMs, secondMs } from '../../model/time.ts';
import { isApi3Failure } from '../api3/errors.ts';
import { createRateLimit, createSampler } from '../rate-limit.ts';
import { type HandledRequest, type Reply, toFaultReply } from '../reply.ts';
import { isStatcgiSign } from '../signatures.ts';
import { visibleSamples } from '../world/visible-samples.ts';
import type { World } from '../world/world.ts';
import { type HistoryQuery, operation, readHistoryQuery } from './call.ts';
import { toFailureEnvelope, toHistoryEnvelope } from './envelope.ts';
import { isStatcgiFailure, type StatcgiFailure, statcgiFailures } from './errors.ts';

/** Age in ms at which the provider no longer returns a sample. Source: page of Get_LivePushStatHistory. */
const retentionMs = 3 * dayMs;

/**
 * Creates the handler of `GET /common_access`, the simulated Tencent API. The only state of the handler is in
 * the rate limit and in the sampler, which selects the requests that get a forced failure.
 */
export function createStatcgi(world: World): (query: URLSearchParams, now: EpochMs) => HandledRequest {
  const { account, provider } = world.scenario;
  const isWithinLimit = createRateLimit();
  const isSelected = createSampler();

  return (query, now) => {
    const { answer: fault, share, rateLimit } = world.tencentAt(now);
    if (fault !== undefined && !isApi3Failure(fault) && isSelected(share)) {
      return isStatcgiFailure(fault) ? fail(query, fault) : reject(query, fault, toFaultReply(fault));
    }

    const failure = authenticate(query, now);
    if (failure !== undefined) return fail(query, failure);
    // Count only correctly signed requests for the rate limit. It applies to the account, so clients without
    // the key must not use it up.
    if (!isWithinLimit(now, rateLimit)) return fail(query, '1202');
    const history = readHistoryQuery(query);
    return history === undefined ? fail(query, '1204') : listSamples(history, now);
  };

  /**
   * Authenticates a request as the provider's front end does. Returns the failure; undefined if the request
   * passes.
   */
  function authenticate(query: URLSearchParams, now: EpochMs): StatcgiFailure | undefined {
    // The sample URL in the documentation contains white space. According to the documentation, a request
    // with a copy of this URL fails with `cmd is invalid`.
    if (hasWhiteSpace(query) || query.get('cmd') !== String(account.appId)) return 'cmd is invalid';
    const t = query.get('t') ?? '';
    const sign = query.get('sign') ?? '';
    if (!/^\d{1,12}$/.test(t) || !isStatcgiSign(sign, account.key, t)) return 'sign invalid';
    return Number(t) * secondMs < now ? 'time expired' : undefined;
  }

  function listSamples({ stream, from, to }: HistoryQuery, now: EpochMs): HandledRequest {
    const { samples, unfinished } = visibleSamples(world, stream, { from, to }, retentionMs, now);
    return {
      operation,
      outcome: samples.length === 0 ? 'empty' : 'ok',
      windowMs: to - from,
      rows: samples.length,
      reply: { kind: 'json', body: toHistoryEnvelope(samples, provider, unfinished) },
    };
  }

  function fail(query: URLSearchParams, failure: StatcgiFailure): HandledRequest {
    const { code, text } = statcgiFailures[failure];
    return reject(query, failure, { kind: 'json', body: toFailureEnvelope(code, text, provider) });
  }
}

/** Returns the reply to a request that gets no data, with the facts that the request log records. */
export function reject(query: URLSearchParams, outcome: string, reply: Reply): HandledRequest {
  const history = readHistoryQuery(query);
  return {
    operation: query.get('interface') === operation ? operation : 'unknown',
    outcome,
    windowMs: history && history.to - history.from,
    rows: 0,
    reply,
  };
}

function hasWhiteSpace(query: URLSearchParams): boolean {
  return [...query].flat().some((text) => /\s/.test(text));
}
