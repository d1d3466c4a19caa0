import { dayMs, type EpochMs } from '../../model/time.ts';
import { createShares, createTurns } from '../limits.ts';
import type { Document, HandledRequest, Reply } from '../reply.ts';
import type { AlibabaAnswer } from '../scenario/scenario.ts';
import { sha256 } from '../signatures.ts';
import type { World } from '../world/world.ts';
import { type AlibabaCall, isV3, parametersOf } from './call.ts';
import { contentTypes, type Format, failureText, historyText } from './documents.ts';
import { type AlibabaFailure, alibabaFailures, isAlibabaFailure } from './errors.ts';
import { createGate } from './gate.ts';
import { readUtc } from './times.ts';

const operation = 'DescribeLiveStreamsControlHistory';

/** From StartTime to EndTime, as the page of the operation says. */
const longestSpanMs = 7 * dayMs;

/** What a call asks for. */
interface Question {
  readonly domain: string;
  /** Empty: every one. */
  readonly appName: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** One call on its way through. */
interface Turn {
  readonly call: AlibabaCall;
  readonly now: EpochMs;
  readonly format: Format;
  readonly requestId: string;
}

/** Answers calls of the Alibaba Cloud API; it remembers only what the limits and the nonces need. */
export function createAlibaba(world: World): (call: AlibabaCall, now: EpochMs) => HandledRequest {
  const { alibaba: behavior, seed } = world.scenario;
  const findDoubt = createGate(behavior.account, operation);
  const takeTurn = createTurns();
  const isChosen = createShares();
  const nextRequestId = createRequestIds(`${seed} ${world.startedAt}`);

  return (call, now) => {
    const turn = { call, now, format: formatOf(call), requestId: nextRequestId() };
    const { answer, share, rateLimit } = world.alibabaAt(now);
    // Before the story has its way: a nonce is used up, also when the call then fails.
    const doubt = findDoubt(call, now);
    const forced = answer !== undefined && isChosen(share) ? answer : undefined;
    const what = forced?.what;
    if (what !== undefined && isAlibabaFailure(what)) return failed(turn, what, forced?.status);

    const failure = doubt ?? (takeTurn(now, rateLimit) ? undefined : 'Throttling.User');
    const honest = failure === undefined ? history(turn) : failed(turn, failure);
    return what === undefined ? honest : spoiled(honest, what);
  };

  function history(turn: Turn): HandledRequest {
    const read = readQuestion(parametersOf(turn.call));
    const question = typeof read === 'string' ? read : (findFault(read, turn.now) ?? read);
    if (typeof question === 'string') return failed(turn, question);
    const records = recordsFor(question, turn.now);
    return {
      operation,
      outcome: records.length === 0 ? 'empty' : 'ok',
      windowMs: question.to - question.from,
      rows: records.length,
      reply: toDocument(turn, 200, historyText(records, { behavior, ...turn })),
    };
  }

  function findFault({ domain, from, to }: Question, now: EpochMs): AlibabaFailure | undefined {
    if (to < from || to - from > longestSpanMs) return 'InvalidEndTime.Mismatch';
    if (behavior.olderStart === 'refused' && from < now - behavior.retentionMs) {
      return 'InvalidStartTime.Malformed';
    }
    if (behavior.futureEnd === 'refused' && to > now) return 'InvalidEndTime.Malformed';
    return world.scenario.domains.some(({ name }) => name === domain) ? undefined : 'InvalidDomain.NotFound';
  }

  function recordsFor({ domain, appName, from, to }: Question, now: EpochMs) {
    const first = Math.max(behavior.ends === 'none' ? from + 1 : from, now - behavior.retentionMs);
    const visible = world
      .actionsOf(domain, first, behavior.ends === 'both' ? to + 1 : to)
      .filter((action) => action.visibleAt <= now && (appName === '' || action.appName === appName));
    return (behavior.order === 'ascending' ? visible : visible.toReversed()).slice(0, behavior.mostRecords);
  }

  function failed(turn: Turn, code: AlibabaFailure, status?: number): HandledRequest {
    const { text, status: ordinary } = alibabaFailures[code];
    const isThrottled = code.startsWith('Throttling') && behavior.retryAfter !== undefined;
    const more = isThrottled ? { 'x-acs-retry-after': behavior.retryAfter } : {};
    return refused(turn.call, code, toDocument(turn, status ?? ordinary, bodyOf(turn, code, text), more));
  }

  function formatOf(call: AlibabaCall): Format {
    const asked = isV3(call) ? call.headers.get('accept') : parametersOf(call).get('Format');
    const [named] = /json|xml/i.exec(asked ?? '') ?? [];
    if (named === undefined) return behavior.defaultFormat;
    return named.toLowerCase() === 'json' ? 'json' : 'xml';
  }
}

function bodyOf({ call, format, requestId }: Turn, code: AlibabaFailure, text: string): string {
  const fields = {
    Code: code,
    HostId: call.headers.get('host') ?? '',
    Message: text,
    Recommend: `https://api.aliyun.com/troubleshoot?q=${code}&product=live&requestId=${requestId}`,
    RequestId: requestId,
  };
  return failureText(fields, format, code === 'NoPermission' ? deniedDetails : undefined);
}

/** Whose rights are missing: in a real answer it holds ids of accounts, so a client had better not repeat it. */
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
  { format, now, requestId }: Turn,
  status: number,
  text: string,
  more: Readonly<Record<string, string>> = {},
): Document {
  return {
    kind: 'document',
    status,
    headers: {
      'content-type': contentTypes[format],
      // By the clock that judges the time of a request, so that a client can compare the two.
      date: new Date(now).toUTCString(),
      'x-acs-request-id': requestId,
      ...more,
    },
    text,
  };
}

/** A call that brings no data. */
function refused(call: AlibabaCall, outcome: string, reply: Reply): HandledRequest {
  const parameters = parametersOf(call);
  const question = readQuestion(parameters);
  const action = isV3(call) ? call.headers.get('x-acs-action') : parameters.get('Action');
  return {
    operation: action === operation ? operation : 'unknown',
    outcome,
    windowMs: typeof question === 'string' ? undefined : question.to - question.from,
    rows: 0,
    reply,
  };
}

type Fault = Exclude<AlibabaAnswer['what'], AlibabaFailure>;

/** What the fault leaves of an answer. */
function spoiled(honest: HandledRequest, fault: Fault): HandledRequest {
  return { ...honest, outcome: fault, rows: 0, reply: spoiledReply(honest.reply, fault) };
}

function spoiledReply(reply: Reply, fault: Fault): Reply {
  if (fault === 'truncated' || fault === 'stuck') {
    return reply.kind === 'document' ? { ...reply, kind: fault } : reply;
  }
  if (fault === 'hang' || fault === 'reset' || fault === 'not_json') return { kind: fault };
  return { kind: 'status', status: Number(fault) };
}

function readQuestion(parameters: URLSearchParams): Question | AlibabaFailure {
  for (const name of ['DomainName', 'StartTime', 'EndTime'] as const) {
    if (!parameters.get(name)) return `Missing${name}`;
  }
  const from = readUtc(parameters.get('StartTime') ?? '');
  if (from === undefined) return 'InvalidStartTime.Malformed';
  const to = readUtc(parameters.get('EndTime') ?? '');
  if (to === undefined) return 'InvalidEndTime.Malformed';
  return {
    domain: parameters.get('DomainName') ?? '',
    appName: parameters.get('AppName') ?? '',
    from,
    to,
  };
}

/** In the shape of the documented ones; of one scenario and start always the same, in the same order. */
function createRequestIds(what: string): () => string {
  let count = 0;
  return () => {
    count += 1;
    const digits = sha256(`${what} ${count}`).slice(0, 32).toUpperCase();
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  };
}
