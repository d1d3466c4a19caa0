import { dayMs, type EpochMs, secondMs } from '../../model/time.ts';
import { createShares, createTurns } from '../limits.ts';
import type { HandledRequest, Reply } from '../reply.ts';
import type { ForcedAnswer } from '../scenario/scenario.ts';
import { isStatcgiSign } from '../signatures.ts';
import type { World } from '../world/world.ts';
import { toAnswer, toFailure } from './rows.ts';

const operation = 'Get_LivePushStatHistory';

/** Of the data that can be asked for, as the page of the operation says. */
const retentionMs = 3 * dayMs;

/**
 * The documented failures. The front layer checks who asks; its texts have no documented code, so -1 stands for it.
 * The back layer's codes and texts are the page's own, "internel" too.
 */
const failures = {
  'cmd is invalid': { code: -1, text: 'cmd is invalid' },
  'appid is invalid': { code: -1, text: 'appid is invalid' },
  'sign invalid': { code: -1, text: 'sign invalid' },
  'time expired': { code: -1, text: 'time expired' },
  '1000': { code: 1_000, text: 'user is not registered for statapi' },
  '1001': { code: 1_001, text: 'user service for statapi was stopped' },
  '1201': { code: 1_201, text: 'internel/system error' },
  '1202': { code: 1_202, text: 'invalid request/request frequency exceeds limit' },
  '1204': { code: 1_204, text: 'invalid input param' },
} as const;

type Failure = keyof typeof failures;

/** Answers `GET /common_access`; it remembers only what the limits need. */
export function createStatcgi(world: World): (query: URLSearchParams, now: EpochMs) => HandledRequest {
  const { account, provider } = world.scenario;
  const takeTurn = createTurns();
  const isChosen = createShares();

  function answer(query: URLSearchParams, now: EpochMs): HandledRequest {
    const api = world.apiAt(now);
    if (api.answer !== undefined && isChosen(api.share)) return forced(query, api.answer);

    const doubt = findDoubt(query, now);
    if (doubt !== undefined) return failed(query, doubt);
    // Only signed calls count: a limit is one account's, and nobody else may use it up.
    if (!takeTurn(now, api.rateLimit)) return failed(query, '1202');
    const asked = readQuestion(query);
    return asked === undefined ? failed(query, '1204') : history(asked, now);
  }

  /** What the front layer finds wrong. */
  function findDoubt(query: URLSearchParams, now: EpochMs): Failure | undefined {
    // The page's own sample has line breaks and spaces in it, and warns that a copy of it is answered like this.
    if (isMangled(query) || query.get('cmd') !== String(account.appId)) return 'cmd is invalid';
    const t = query.get('t') ?? '';
    if (!/^\d{1,12}$/.test(t) || !isStatcgiSign(query.get('sign') ?? '', account.key, t))
      return 'sign invalid';
    return Number(t) * secondMs < now ? 'time expired' : undefined;
  }

  function history({ stream, from, to }: Question, now: EpochMs): HandledRequest {
    // Both ends inside: no document says so, and a client must bear either.
    const visible = world
      .samplesOf(stream, Math.max(from, now - retentionMs), Math.min(to, now) + 1)
      .filter((sample) => world.visibleAt(stream, sample) <= now);
    const doubled = visible.filter((sample) => world.isDoubled(stream, sample));
    const body = toAnswer([...visible, ...doubled], provider);
    return {
      operation,
      outcome: visible.length === 0 ? 'empty' : 'ok',
      windowMs: to - from,
      rows: visible.length + doubled.length,
      reply: { kind: 'json', body },
    };
  }

  function forced(query: URLSearchParams, answer: ForcedAnswer): HandledRequest {
    if (isFailure(answer)) return failed(query, answer);
    return refused(query, answer, toReply(answer));
  }

  function failed(query: URLSearchParams, failure: Failure): HandledRequest {
    const { code, text } = failures[failure];
    return refused(query, failure, { kind: 'json', body: toFailure(code, text, provider) });
  }

  return answer;
}

/** A call that brings no data. */
export function refused(query: URLSearchParams, outcome: string, reply: Reply): HandledRequest {
  const asked = readQuestion(query);
  return {
    operation: query.get('interface') === operation ? operation : 'unknown',
    outcome,
    windowMs: asked && asked.to - asked.from,
    rows: 0,
    reply,
  };
}

function isFailure(answer: ForcedAnswer): answer is Failure {
  return answer in failures;
}

function toReply(answer: Exclude<ForcedAnswer, Failure>): Reply {
  if (answer === 'hang' || answer === 'reset' || answer === 'not_json') return { kind: answer };
  return { kind: 'status', status: Number(answer) };
}

function isMangled(query: URLSearchParams): boolean {
  for (const [name, value] of query) {
    if (/\s/.test(name) || /\s/.test(value)) return true;
  }
  return false;
}

interface Question {
  readonly stream: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** undefined for another interface, and where a parameter is missing or of another type. */
function readQuestion(query: URLSearchParams): Question | undefined {
  const from = readSeconds(query.get('Param.n.start_time'));
  const to = readSeconds(query.get('Param.n.end_time'));
  const stream = query.get('Param.s.stream_id') ?? '';
  if (query.get('interface') !== operation || stream === '') return undefined;
  return from === undefined || to === undefined || to < from ? undefined : { stream, from, to };
}

/** Ten digits at most: milliseconds are the mistake that this finds. */
function readSeconds(text: string | null): EpochMs | undefined {
  return text !== null && /^\d{1,10}$/.test(text) ? Number(text) * secondMs : undefined;
}
