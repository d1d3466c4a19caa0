import { dayMs, type EpochMs, secondMs } from '../../model/time.ts';
import { createRateLimit, createSampler } from '../rate-limit.ts';
import { type HandledRequest, type Reply, toFaultReply } from '../reply.ts';
import { isStatcgiFailure } from '../statcgi/errors.ts';
import { visibleSamples } from '../world/visible-samples.ts';
import type { World } from '../world/world.ts';
import { authenticate } from './authentication.ts';
import { readForbidQuery, readStateQuery, toForbidBody } from './bans.ts';
import {
  type Api3Call,
  type Api3Operation,
  type HistoryQuery,
  type ListQuery,
  operationOf,
  operations,
  readHistoryQuery,
  readListQuery,
  readPushListQuery,
} from './call.ts';
import { type LiveStream, toFailureBody, toHistoryBody, toListBody, toPushListBody } from './envelope.ts';
import { type Api3Failure, isApi3Failure } from './errors.ts';
import { type EventQuery, readEventQuery, toEventBody } from './events.ts';

/** Age in ms at which the provider no longer returns a sample. Source: page of DescribeStreamPushInfoList. */
const retentionMs = 7 * dayMs;

/** Age in ms up to which the list of live pushes shows the values of a sample. */
const listedSampleMs = 10 * secondMs;

/**
 * Creates the request handler of the simulated Tencent API 3.0. It returns the samples of the simulated
 * statistics API, with the same delay and rate limit. It also lists live streams, ended pushes and bans. It
 * ignores forced failures that only the statistics API has. The only state of the handler is in the rate
 * limit, the sampler and the request IDs.
 */
export function createApi3(world: World): (call: Api3Call, now: EpochMs) => HandledRequest {
  const { account, provider } = world.scenario;
  const limits = new Map(operations.map((operation) => [operation, createRateLimit()]));
  const isSelected = createSampler();
  const streams = new Map(world.streams.map((stream) => [stream.name, stream]));
  let requests = 0;

  return (call, now) => {
    const requestId = `simulator-${++requests}`;
    const { answer: fault, share, rateLimit } = world.tencentAt(now);
    const fail = (code: Api3Failure) => reject(call, code, json(toFailureBody(code, requestId)));
    if (fault !== undefined && !isStatcgiFailure(fault) && isSelected(share)) {
      return isApi3Failure(fault) ? fail(fault) : reject(call, fault, toFaultReply(fault));
    }
    const failure = authenticate(call, account, now);
    if (failure !== undefined) return fail(failure);
    const operation = operationOf(call);
    const isWithinLimit = operation === undefined || limits.get(operation)?.(now, rateLimit);
    if (!isWithinLimit) return fail('RequestLimitExceeded');
    switch (operation) {
      case 'DescribeLiveStreamOnlineList': {
        const query = readListQuery(call, account);
        return typeof query === 'string' ? fail(query) : listLive(query, now, requestId);
      }
      case 'DescribeLiveStreamPushInfoList': {
        const query = readPushListQuery(call, account);
        return typeof query === 'string' ? fail(query) : listPushes(query, now, requestId);
      }
      case 'DescribeLiveStreamEventList': {
        const query = readEventQuery(call, now);
        return typeof query === 'string' ? fail(query) : listEvents(query, now, requestId);
      }
      case 'DescribeLiveForbidStreamList': {
        // The China site removed the operation in 2025.
        if (account.site === 'china') return fail('InvalidAction');
        const query = readForbidQuery(call);
        return typeof query === 'string' ? fail(query) : listBans(query, now, requestId);
      }
      case 'DescribeLiveStreamState': {
        const query = readStateQuery(call);
        return typeof query === 'string' ? fail(query) : stateOf(query, now, requestId);
      }
      default: {
        const query = readHistoryQuery(call);
        return typeof query === 'string' ? fail(query) : listSamples(query, now, requestId);
      }
    }
  };

  function listEvents(query: EventQuery, now: EpochMs, requestId: string): HandledRequest {
    const { rows, body } = toEventBody(world, query, now, requestId);
    const windowMs = query.to - query.from;
    return handled('DescribeLiveStreamEventList', rows, json(body), windowMs);
  }

  /** Returns a page of the bans of the account, newest first, so that all others move when a ban begins. */
  function listBans(
    query: Exclude<ReturnType<typeof readForbidQuery>, string>,
    now: EpochMs,
    requestId: string,
  ): HandledRequest {
    const bans = world
      .bansAt(now)
      .filter(({ stream }) => query.stream === '' || stream.name === query.stream);
    const body = toForbidBody(bans, query, provider, requestId);
    return handled('DescribeLiveForbidStreamList', body.Response.ForbidStreamList.length, json(body));
  }

  function stateOf(
    query: Exclude<ReturnType<typeof readStateQuery>, string>,
    now: EpochMs,
    requestId: string,
  ): HandledRequest {
    const named = streams.get(query.stream);
    const isMeant = named?.appName === query.appName && named.domain === query.domain;
    const isBanned = world.bansAt(now).some(({ stream }) => stream.name === query.stream);
    const isLive = isMeant && world.pushBeginAt(named, now) !== undefined;
    const StreamState = isBanned ? 'forbid' : isLive ? 'active' : 'inactive';
    return handled('DescribeLiveStreamState', 1, json({ Response: { StreamState, RequestId: requestId } }));
  }

  /** Returns the time whose live streams a list shows. Each page is newer than the one before it. */
  function listedAt({ page }: ListQuery, now: EpochMs): EpochMs {
    const { delayMs, pageLagMs } = provider.list;
    return now - delayMs + (page - 1) * pageLagMs;
  }

  /** Returns the streams that are live, newest push first, so that all others move when a push begins. */
  function liveStreams(query: ListQuery, at: EpochMs): readonly LiveStream[] {
    return world.streams
      .filter(
        ({ name, domain, appName }) =>
          appName === query.appName &&
          (query.domain === '' || domain === query.domain) &&
          (query.stream === '' || name === query.stream),
      )
      .flatMap((stream): LiveStream | readonly [] => {
        const startedAt = world.pushBeginAt(stream, at);
        return startedAt === undefined ? [] : { stream, startedAt };
      })
      .toSorted((a, b) => b.startedAt - a.startedAt);
  }

  function listLive(query: ListQuery, now: EpochMs, requestId: string): HandledRequest {
    const live = liveStreams(query, listedAt(query, now));
    const rows = Math.min(query.pageSize, Math.max(0, live.length - (query.page - 1) * query.pageSize));
    return handled('DescribeLiveStreamOnlineList', rows, json(toListBody(live, query, provider, requestId)));
  }

  /**
   * Returns a page of the live pushes. Only one push per stream is listed. Its values are those of its newest
   * sample, which is up to 5 s old.
   */
  function listPushes(query: ListQuery, now: EpochMs, requestId: string): HandledRequest {
    const at = listedAt(query, now);
    const live = liveStreams(query, at);
    const page = live.slice((query.page - 1) * query.pageSize, query.page * query.pageSize);
    const rows = page.map((each) => {
      const { name } = each.stream;
      return { ...each, sample: world.samplesOf(name, at - listedSampleMs, at + 1).at(-1) };
    });
    const body = toPushListBody(rows, live.length, query, provider, requestId);
    return handled('DescribeLiveStreamPushInfoList', rows.length, json(body));
  }

  function listSamples(query: HistoryQuery, now: EpochMs, requestId: string): HandledRequest {
    const { from, to, domain, appName } = query;
    const named = streams.get(query.stream);
    const isMeant = named?.appName === appName && (domain === '' || named.domain === domain);
    const stream = isMeant ? named : undefined;
    const { samples, unfinished } = visibleSamples(world, stream?.name ?? '', query, retentionMs, now);
    const body = toHistoryBody(stream, samples, provider, requestId, unfinished);
    return handled('DescribeStreamPushInfoList', samples.length, json(body), to - from);
  }
}

function handled(operation: Api3Operation, rows: number, reply: Reply, windowMs?: number): HandledRequest {
  return { operation, outcome: rows === 0 ? 'empty' : 'ok', windowMs, rows, reply };
}

/** Returns the reply to a request that gets no data, with the facts that the request log records. */
function reject(call: Api3Call, outcome: string, reply: Reply): HandledRequest {
  const query = readHistoryQuery(call);
  return {
    operation: operationOf(call) ?? 'unknown',
    outcome,
    windowMs: typeof query === 'string' ? undefined : query.to - query.from,
    rows: 0,
    reply,
  };
}

function json(body: object): Reply {
  return { kind: 'json', body };
}
