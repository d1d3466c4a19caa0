import { dayMs, type EpochMs, secondMs } from '../../model/time.ts';
import { createRateLimit, createSampler } from '../rate-limit.ts';
import { type HandledRequest, type Reply, toFaultReply } from '../reply.ts';
import { isStatcgiSign } from '../signatures.ts';
import type { World } from '../world/world.ts';
import { type HistoryQuery, operation, readHistoryQuery } from './call.ts';
import { toFailureEnvelope, toHistoryEnvelope } from './envelope.ts';
import { isStatcgiFailure, type StatcgiFailure, statcgiFailures } from './errors.ts';

/** Source: page of the operation. */
const retentionMs = 3 * dayMs;

/** Creates the handler of `GET /common_access`. Its only state is that of the rate limit and the sampler. */
export function createStatcgi(world: World): (query: URLSearchParams, now: EpochMs) => HandledRequest {
  const { account, provider } = world.scenario;
  const isWithinLimit = createRateLimit();
  const isSelected = createSampler();

  return (query, now) => {
    const { answer: fault, share, rateLimit } = world.statcgiAt(now);
    if (fault !== undefined && isSelected(share)) {
      return isStatcgiFailure(fault) ? fail(query, fault) : reject(query, fault, toFaultReply(fault));
    }

    const failure = authenticate(query, now);
    if (failure !== undefined) return fail(query, failure);
    // Count only signed requests: the limit is per account, and other clients must not exhaust it.
    if (!isWithinLimit(now, rateLimit)) return fail(query, '1202');
    const history = readHistoryQuery(query);
    return history === undefined ? fail(query, '1204') : listSamples(history, now);
  };

  /** Performs the checks of the front end. Returns undefined if the request passes. */
  function authenticate(query: URLSearchParams, now: EpochMs): StatcgiFailure | undefined {
    // The sample URL of the page contains white space; the page says that a copy of it gets this response.
    if (hasWhiteSpace(query) || query.get('cmd') !== String(account.appId)) return 'cmd is invalid';
    const t = query.get('t') ?? '';
    const sign = query.get('sign') ?? '';
    if (!/^\d{1,12}$/.test(t) || !isStatcgiSign(sign, account.key, t)) return 'sign invalid';
    return Number(t) * secondMs < now ? 'time expired' : undefined;
  }

  function listSamples({ stream, from, to }: HistoryQuery, now: EpochMs): HandledRequest {
    // Not documented: whether the window includes its ends. Include both, since a client must accept either.
    const visible = world
      .samplesOf(stream, Math.max(from, now - retentionMs), Math.min(to, now) + 1)
      .filter((sample) => world.visibleAt(stream, sample) <= now);
    const samples = [...visible, ...visible.filter((sample) => world.isDuplicated(stream, sample))];
    return {
      operation,
      outcome: visible.length === 0 ? 'empty' : 'ok',
      windowMs: to - from,
      rows: samples.length,
      reply: { kind: 'json', body: toHistoryEnvelope(samples, provider) },
    };
  }

  function fail(query: URLSearchParams, failure: StatcgiFailure): HandledRequest {
    const { code, text } = statcgiFailures[failure];
    return reject(query, failure, { kind: 'json', body: toFailureEnvelope(code, text, provider) });
  }
}

/** Handles a request without returning data. */
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
