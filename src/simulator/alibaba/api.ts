import { dayMs, type EpochMs } from '../../model/time.ts';
import { createRateLimit, createSampler } from '../rate-limit.ts';
import { type Document, type HandledRequest, toFaultReply } from '../reply.ts';
import type { AlibabaAnswer } from '../scenario/scenario.ts';
import { sha256 } from '../signatures.ts';
import type { World } from '../world/world.ts';
import { createAuthentication } from './authentication.ts';
import {
  type AlibabaCall,
  type HistoryQuery,
  isV3,
  operation,
  parametersOf,
  readHistoryQuery,
} from './call.ts';
import { type Format, toFailureText, toHistoryText } from './envelope.ts';
import { type AlibabaFailure, alibabaFailures, isAlibabaFailure } from './errors.ts';

/**
 * Maximum length of a request window, from StartTime to EndTime. Source: page of
 * DescribeLiveStreamsControlHistory.
 */
const maxSpanMs = 7 * dayMs;

/**
 * Request to the simulated API and its arrival time `now` (wall clock, epoch ms), together with the format
 * and the request ID of the response.
 */
interface Exchange {
  readonly call: AlibabaCall;
  readonly now: EpochMs;
  readonly format: Format;
  readonly requestId: string;
}

interface ReturnedDocument extends HandledRequest {
  readonly reply: Document;
}

/**
 * Creates the request handler of the simulated Alibaba Cloud API. The only state of the handler is in the
 * rate limit, the sampler (which selects the requests that get a forced failure), the nonce cache and the
 * request IDs.
 */
export function createAlibaba(world: World): (call: AlibabaCall, now: EpochMs) => HandledRequest {
  const { alibaba: behavior, seed } = world.scenario;
  const authenticate = createAuthentication(behavior.account);
  const isWithinLimit = createRateLimit();
  const isSelected = createSampler();
  const nextRequestId = createRequestIds(`${seed} ${world.startedAt}`);

  return (call, now) => {
    const exchange = { call, now, format: formatOf(call), requestId: nextRequestId() };
    const { answer, share, rateLimit } = world.alibabaAt(now);
    // Authenticate first, even if the story forces a failure, because a failed request also uses up its
    // nonce.
    const rejection = authenticate(call, now);
    const forced = answer !== undefined && isSelected(share) ? answer : undefined;
    const fault = forced?.what;
    if (fault !== undefined && isAlibabaFailure(fault)) return fail(exchange, fault, forced?.status);

    const failure = rejection ?? (isWithinLimit(now, rateLimit) ? undefined : 'Throttling.User');
    const handled = failure === undefined ? listActions(exchange) : fail(exchange, failure);
    return fault === undefined ? handled : applyFault(handled, fault);
  };

  function listActions(exchange: Exchange): ReturnedDocument {
    const query = readHistoryQuery(parametersOf(exchange.call));
    if (typeof query === 'string') return fail(exchange, query);
    const failure = validate(query, exchange.now);
    if (failure !== undefined) return fail(exchange, failure);
    const actions = visibleActions(query, exchange.now);
    return {
      operation,
      outcome: actions.length === 0 ? 'empty' : 'ok',
      windowMs: query.to - query.from,
      rows: actions.length,
      reply: toDocument(exchange, 200, toHistoryText(actions, { behavior, ...exchange })),
    };
  }

  function validate({ domain, from, to }: HistoryQuery, now: EpochMs): AlibabaFailure | undefined {
    if (to < from || to - from > maxSpanMs) return 'InvalidEndTime.Mismatch';
    if (behavior.olderStart === 'refused' && from < now - behavior.retentionMs) {
      return 'InvalidStartTime.Malformed';
    }
    if (behavior.futureEnd === 'refused' && to > now) return 'InvalidEndTime.Malformed';
    return world.scenario.domains.some(({ name }) => name === domain) ? undefined : 'InvalidDomain.NotFound';
  }

  function visibleActions({ domain, appName, from, to }: HistoryQuery, now: EpochMs) {
    const first = Math.max(behavior.ends === 'none' ? from + 1 : from, now - behavior.retentionMs);
    const visible = world
      .actionsOf(domain, first, behavior.ends === 'both' ? to + 1 : to)
      .filter((action) => action.visibleAt <= now && (appName === '' || action.appName === appName));
    return (behavior.order === 'ascending' ? visible : visible.toReversed()).slice(0, behavior.mostRecords);
  }

  function fail(exchange: Exchange, code: AlibabaFailure, forcedStatus?: number): ReturnedDocument {
    const { call, format, requestId } = exchange;
    const parameters = parametersOf(call);
    const query = readHistoryQuery(parameters);
    const action = isV3(call) ? call.headers.get('x-acs-action') : parameters.get('Action');
    const isThrottled = code.startsWith('Throttling') && behavior.retryAfter !== undefined;
    const headers = isThrottled ? { 'x-acs-retry-after': behavior.retryAfter } : {};
    const [status, message] = alibabaFailures[code];
    const fields = {
      Code: code,
      HostId: call.headers.get('host') ?? '',
      Message: message,
      Recommend: `https://api.aliyun.com/troubleshoot?q=${code}&product=live&requestId=${requestId}`,
      RequestId: requestId,
    };
    const text = toFailureText(fields, format, code === 'NoPermission' ? deniedDetails : undefined);
    return {
      operation: action === operation ? operation : 'unknown',
      outcome: code,
      windowMs: typeof query === 'string' ? undefined : query.to - query.from,
      rows: 0,
      reply: toDocument(exchange, forcedStatus ?? status, text, headers),
    };
  }

  function formatOf(call: AlibabaCall): Format {
    const requested = isV3(call) ? call.headers.get('accept') : parametersOf(call).get('Format');
    const [format] = /json|xml/.exec(requested?.toLowerCase() ?? '') ?? [];
    return format === 'json' || format === 'xml' ? format : behavior.defaultFormat;
  }
}

/**
 * Value of AccessDeniedDetail in the response to a denied request. The real value contains account IDs, so a
 * client should not log or display it.
 */
const deniedDetails = {
  AuthAction: `live:${operation}`,
  AuthPrincipalType: 'SubUser',
  AuthPrincipalOwnerId: '1000000000000001',
  AuthPrincipalDisplayName: '2000000000000002',
  NoPermissionType: 'ImplicitDeny',
  PolicyType: 'AccountLevelIdentityBasedPolicy',
  EncodedDiagnosticMessage: 'c2ltdWxhdGVk',
};

function toDocument(
  { format, now, requestId }: Exchange,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Document {
  return {
    kind: 'document',
    status,
    headers: {
      'content-type': `${format === 'json' ? 'application' : 'text'}/${format};charset=utf-8`,
      // Set the Date header from the same clock that checks the timestamps of requests, so that a client can
      // measure its clock skew from the header.
      date: new Date(now).toUTCString(),
      'x-acs-request-id': requestId,
      ...headers,
    },
    text,
  };
}

/**
 * Applies a fault to the reply. For `truncated` and `stuck`, the reply keeps its status, headers and text,
 * but is marked so that the server sends only half of the text. Any other fault replaces the reply.
 */
function applyFault(
  handled: ReturnedDocument,
  fault: Exclude<AlibabaAnswer['what'], AlibabaFailure>,
): HandledRequest {
  const isDamage = fault === 'truncated' || fault === 'stuck';
  const reply = isDamage ? { ...handled.reply, kind: fault } : toFaultReply(fault);
  return { ...handled, outcome: fault, rows: 0, reply };
}

/**
 * Creates a generator of request IDs in the form that the Alibaba Cloud documentation shows. Generators with
 * equal seeds generate equal sequences.
 */
function createRequestIds(seed: string): () => string {
  let count = 0;
  return () => {
    count += 1;
    const digits = sha256(`${seed} ${count}`).slice(0, 32).toUpperCase();
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  };
}
