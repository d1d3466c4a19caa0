import { inspect } from 'node:util';
import type { Http, HttpResponse } from '../../../src/calls/call.ts';
import { withoutSecrets } from '../../../src/log/fields.ts';
import { failureKinds, ProviderError } from '../../../src/model/answer.ts';
import { law, lawOfLines, targetOf } from '../target.ts';
import {
  type AccountName,
  accountNames,
  asks,
  domainOf,
  operationOf,
  providerNameOf,
  secretTexts,
  sourcesOf,
} from './accounts.ts';
import { type Bodies, bodiesOf, mutatedResponse } from './answer-bodies.ts';

interface Input {
  readonly account: AccountName;
  readonly ask: string;
  /** Operation whose responses are mutated. The other operations have recorded ones. */
  readonly operation: string;
  /** Responses to the requests for the operation, in order; the last one repeats. */
  readonly responses: readonly HttpResponse[];
}

/**
 * Maximum number of requests for one question. The last response repeats, so that a list that does not end soon shows
 * nothing new.
 */
const maxRequests = 100;

/** Answers of the providers to each operation, in JSON and XML. */
export const answersTarget = targetOf<Input>('answers', async () => {
  const cases = await findCases();
  return {
    generate(draws) {
      const { account, ask, operation, bodies } = draws.pick(cases);
      const xmlRoot = providerNameOf(account) === 'alibaba' ? `${operation}Response` : undefined;
      const count = draws.pick([1, 1, 1, 2, 3]);
      return {
        account,
        ask,
        operation,
        responses: Array.from({ length: count }, () => mutatedResponse(bodies, draws, xmlRoot)),
      };
    },
    check,
  };
});

async function check({ account, ask: name, operation, responses }: Input): Promise<void> {
  const ask = asks[name];
  const [first] = responses;
  if (ask === undefined || first === undefined) throw new Error('invalid input');
  let requests = 0;
  const http: Http = async (request) => {
    law(requests < maxRequests, 'the number of requests is bounded');
    const asked = operationOf(request);
    if (asked !== operation) return recordedResponse(providerNameOf(account), asked);
    const response = responses[Math.min(requests, responses.length - 1)] ?? first;
    requests++;
    return response;
  };
  let answer: unknown;
  try {
    answer = await ask.run(
      sourcesOf(account, http, ask.now),
      domainOf(account),
      new AbortController().signal,
    );
  } catch (error) {
    lawOfFailure(error);
    return;
  }
  lawOfAnswer(answer);
}

function lawOfFailure(error: unknown): void {
  if (!(error instanceof ProviderError)) throw error;
  law(failureKinds.includes(error.kind), 'a failure has a known kind', error.kind);
  law(error.kind !== 'internal', 'no answer is an error of the exporter', error.message);
  lawOfLines([error.message], secretTexts);
  const shown = inspect(error, { depth: 10 });
  for (const secret of secretTexts)
    law(!shown.includes(secret), 'no failure contains a secret', error.message);
  law(
    error.retryAfterMs === undefined || error.retryAfterMs >= 0,
    'a wait is not negative',
    error.retryAfterMs,
  );
  law(!Number.isNaN(error.retryAfterMs ?? 0), 'a wait is a number');
}

/** Everything in an answer is finite, bounded and fit to be a label. */
function lawOfAnswer(answer: unknown): void {
  if (typeof answer !== 'object' || answer === null) return;
  if ('warnings' in answer && Array.isArray(answer.warnings))
    lawOfLines(answer.warnings.map(withoutSecrets), secretTexts);
  if ('malformed' in answer)
    law(Number.isInteger(answer.malformed) && Number(answer.malformed) >= 0, 'malformed is a count');
  const rest: unknown[] = [answer];
  for (let value = rest.pop(); value !== undefined || rest.length > 0; value = rest.pop()) {
    if (typeof value === 'number') law(Number.isFinite(value), 'numbers are finite', answer);
    else if (typeof value === 'string') lawOfText(value);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        if (/At$|UpTo$/.test(key) && item !== undefined) {
          law(Math.abs(Number(item)) <= 8.64e15 && Number.isInteger(item), 'a time is a date', key, item);
        }
        if (/PerSecond$|Ms$/.test(key) && item !== undefined)
          law(Number(item) >= 0, 'a rate is not negative', key, item);
        rest.push(item);
      }
    }
  }
}

function lawOfText(text: string): void {
  law(text.isWellFormed(), 'a text is well-formed', text);
  law(text.length <= 300, 'a text is short', text.length);
  law(!/\b(txSecret|auth_key)=\w{4}/.test(text), 'a text contains no secret of a push URL', text);
}

/** Returns the questions that each account answers, with each operation that is requested for them. */
async function findCases() {
  const cases: { account: AccountName; ask: string; operation: string; bodies: Bodies }[] = [];
  for (const account of accountNames) {
    for (const [ask, { run, now }] of Object.entries(asks)) {
      // The recorded responses of the statistics API are older than the others.
      if ((account === 'statcgi') !== (ask === 'push_stats_2016')) continue;
      const used = new Set<string>();
      const http: Http = async (request) => {
        const operation = operationOf(request);
        used.add(operation);
        return recordedResponse(providerNameOf(account), operation);
      };
      await Promise.resolve(
        run(sourcesOf(account, http, now), domainOf(account), new AbortController().signal),
      ).catch(() => undefined);
      for (const operation of used) {
        cases.push({ account, ask, operation, bodies: bodiesOf(providerNameOf(account), operation) });
      }
    }
  }
  if (cases.some(({ bodies }) => bodies.trees.length === 0))
    throw new Error('an operation has no recorded response');
  return cases;
}

function recordedResponse(provider: 'tencent' | 'alibaba', operation: string): HttpResponse {
  return { status: 200, headers: {}, text: bodiesOf(provider, operation).texts[0] ?? '' };
}
