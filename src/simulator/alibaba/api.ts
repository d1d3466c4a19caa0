import type { EpochMs } from '../../model/time.ts';
import { createRateLimit, createSampler } from '../rate-limit.ts';
import { type Document, type HandledRequest, toFaultReply } from '../reply.ts';
import type { AlibabaAnswer } from '../scenario/scenario.ts';
import { sha256 } from '../signatures.ts';
import type { World } from '../world/world.ts';
import { createAuthentication } from './authentication.ts';
import {
  type AlibabaCall,
  type AlibabaOperation,
  isV3,
  operationOf,
  operations,
  parametersOf,
  readHistoryQuery,
} from './call.ts';
import { type Format, toFailureText } from './envelope.ts';
import { type AlibabaFailure, alibabaFailures, isAlibabaFailure } from './errors.ts';
import { createHandlers } from './handlers.ts';

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
  const limits = new Map(Object.keys(operations).map((operation) => [operation, createRateLimit()]));
  const handlers = createHandlers(world);
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

    const failure = rejection ?? checkPermission(call) ?? checkLimit(call, now, rateLimit);
    const operation = operationOf(call);
    const handled =
      failure === undefined && operation !== undefined
        ? answerOf(exchange, operation)
        : fail(exchange, failure ?? 'InvalidApi.NotFound');
    return fault === undefined ? handled : applyFault(handled, fault);
  };

  function checkPermission(call: AlibabaCall): AlibabaFailure | undefined {
    const operation = operationOf(call);
    return operation !== undefined && behavior.notGranted.includes(operation) ? 'NoPermission' : undefined;
  }

  /** Counts a request against the limit of its operation. Only requests with a valid signature count. */
  function checkLimit(call: AlibabaCall, now: EpochMs, rateLimit: number | undefined) {
    const isWithinLimit = limits.get(operationOf(call) ?? '')?.(now, rateLimit) ?? true;
    return isWithinLimit ? undefined : 'Throttling.User';
  }

  function answerOf(exchange: Exchange, operation: AlibabaOperation): ReturnedDocument {
    const { call, now, format, requestId } = exchange;
    const answer = handlers[operation](parametersOf(call), now);
    if (typeof answer === 'string') return fail(exchange, answer);
    const { rows, windowMs, toText } = answer;
    return {
      operation,
      outcome: rows === 0 ? 'empty' : 'ok',
      windowMs,
      rows,
      reply: toDocument(exchange, 200, toText(format, requestId)),
    };
  }

  function fail(exchange: Exchange, code: AlibabaFailure, forcedStatus?: number): ReturnedDocument {
    const { call, format, requestId } = exchange;
    const query = readHistoryQuery(parametersOf(call));
    const operation = operationOf(call) ?? 'unknown';
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
    const text = toFailureText(
      fields,
      format,
      code === 'NoPermission' ? deniedDetails(operation) : undefined,
    );
    return {
      operation,
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
 * Returns the value of AccessDeniedDetail in the response to a denied request. The real value contains
 * account IDs, so a client should not log or display it.
 */
function deniedDetails(operation: string) {
  return {
    AuthAction: `live:${operation}`,
    AuthPrincipalType: 'SubUser',
    AuthPrincipalOwnerId: '1000000000000001',
    AuthPrincipalDisplayName: '2000000000000002',
    NoPermissionType: 'ImplicitDeny',
    PolicyType: 'AccountLevelIdentityBasedPolicy',
    EncodedDiagnosticMessage: 'c2ltdWxhdGVk',
  };
}

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
