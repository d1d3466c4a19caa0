import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createSources, type RateLimiters, type SourceObservers } from '../../src/collectors/sources.ts';
import { type Answer, type FailureKind, ProviderError } from '../../src/model/answer.ts';
import { requireSecret } from '../../src/providers/kit/credentials.ts';
import { isSuccess, kindOfStatus, toHttpError } from '../../src/providers/kit/http-failure.ts';
import { readJson } from '../../src/providers/kit/json.ts';
import { readRows, toRows } from '../../src/providers/kit/rows.ts';
import { readFields, readNumber } from '../../src/providers/kit/values.ts';
import type { ProviderModule } from '../../src/providers/provider.ts';

/** The port of a question that the exporter does not have. */
interface ViewerCountSource {
  countViewers(domain: string, signal: AbortSignal): Promise<Answer<number>>;
}

/** A provider that the exporter does not have. It uses only the public interfaces of providers/ and calls/call.ts. */
const acme: ProviderModule<{ readonly viewer_count: ViewerCountSource }> = {
  name: 'acme',
  operations: ['CountViewers'],
  questions: ['viewer_count'],
  hasReplayableRequests: true,
  credentials:
    ({ getSecret }) =>
    async () => ({ token: requireSecret(getSecret, 'token') }),
  createSources({ settings, getSecret }, { http, wrap, now }) {
    const endpoint = String(readFields(settings)?.endpoint);
    const call = wrap(async (operation, query, signal) => {
      const headers = { authorization: requireSecret(getSecret, 'token') };
      const url = `${endpoint}${operation}?domain=${query.domain}`;
      const response = await http({ method: 'GET', url, headers }, signal);
      const { status, text } = response;
      if (!isSuccess(response)) {
        throw toHttpError(kindOfStatus(status) ?? 'refused', `acme: HTTP ${status}`, response, now());
      }
      return readJson(text, operation);
    });
    return {
      viewer_count: {
        async countViewers(domain, signal) {
          const rows = toRows(await call('CountViewers', { domain }, signal)) ?? [];
          return { ...readRows(rows, readNumber, 'CountViewers'), warnings: [] };
        },
      },
    };
  },
};

test('a source of a new provider retries, is rate limited and reports to its observers', async () => {
  await using server = await startServer([503, 200]);
  const observed = createObservers();
  const limiters: RateLimiters = new Map();
  const sources = createAcmeSources(server.endpoint, limiters, observed);

  const answer = await sources.byQuestion.viewer_count.countViewers('d', AbortSignal.timeout(10_000));
  await sources.close();

  expect(answer).toEqual({ items: [3, 4], malformed: 0, warnings: [] });
  expect(server.requests).toEqual([
    { url: '/CountViewers?domain=d', token: 's3cret' },
    { url: '/CountViewers?domain=d', token: 's3cret' },
  ]);
  expect(observed.requests).toEqual([
    ['CountViewers', 'unavailable'],
    ['CountViewers', undefined],
  ]);
  expect(observed.clockOffsets).toHaveLength(2);
  expect([...limiters.keys()]).toEqual(['CountViewers']);
});

test('rejects an operation without a rate limit as internal', async () => {
  await using server = await startServer([200]);
  const sources = createAcmeSources(server.endpoint, new Map(), createObservers(), {});

  const failure = await sources.byQuestion.viewer_count
    .countViewers('d', AbortSignal.timeout(10_000))
    .catch((error: unknown) => error);
  await sources.close();

  expect(failure).toBeInstanceOf(ProviderError);
  expect(failure).toMatchObject({ kind: 'internal' });
  expect(server.requests).toEqual([]);
});

test('keeps the rate limiter of an operation when its budget changes', async () => {
  const observed = createObservers();
  const limiters: RateLimiters = new Map();

  await createAcmeSources('https://acme.example.com/', limiters, observed, { CountViewers: 5 }).close();
  const limiter = limiters.get('CountViewers');
  await createAcmeSources('https://acme.example.com/', limiters, observed, { CountViewers: 2 }).close();

  expect(limiters.get('CountViewers')).toBe(limiter);
  expect(observed.budgets).toEqual([
    ['CountViewers', 5],
    ['CountViewers', 2],
  ]);
});

test.each([
  ['http://acme.example.com/', ['acme.example.com']],
  ['https://acme.example.com/', []],
  ['http://127.0.0.1:9/', []],
  ['http://localhost/', []],
  ['http://[::1]/', []],
])('reports replayable requests to %s as insecure: %j', async (endpoint, hosts) => {
  const observed = createObservers();

  await createAcmeSources(endpoint, new Map(), observed).close();

  expect(observed.insecureHosts).toEqual(hosts);
});

function createAcmeSources(
  endpoint: string,
  limiters: RateLimiters,
  observers: SourceObservers,
  requestsPerSecond: Readonly<Record<string, number>> = { CountViewers: 1_000 },
) {
  const account = {
    endpoints: [endpoint],
    settings: { endpoint },
    secrets: { token: { from: 'env', name: 'TOKEN' } },
    requestsPerSecond,
    proxyUrlEnv: undefined,
  } as const;
  return createSources(acme, account, new Map([['env TOKEN', 's3cret']]), limiters, {
    observers,
    env: {},
    clock: systemClock,
    toleranceMs: () => 60_000,
    random: () => 0,
    nonce: () => 'nonce',
  });
}

function createObservers() {
  const requests: [operation: string, kind: FailureKind | undefined][] = [];
  const clockOffsets: number[] = [];
  const budgets: [operation: string, requestsPerSecond: number][] = [];
  const insecureHosts: string[] = [];
  return {
    requests,
    clockOffsets,
    budgets,
    insecureHosts,
    onRequest: ({ operation, kind }: Parameters<SourceObservers['onRequest']>[0]) =>
      void requests.push([operation, kind]),
    onClockOffset: (offsetMs: number) => void clockOffsets.push(offsetMs),
    onBudget: (operation: string, perSecond: number) => void budgets.push([operation, perSecond]),
    onInsecureEndpoint: (host: string) => void insecureHosts.push(host),
  };
}

/** Starts a server that responds with these statuses in order, and with two rows if successful. */
async function startServer(statuses: readonly number[]) {
  const requests: { readonly url: string | undefined; readonly token: string | undefined }[] = [];
  const server = createServer(({ url, headers }, response) => {
    response.statusCode = statuses[requests.length] ?? 500;
    requests.push({ url, token: headers.authorization });
    response.end('[3, "4"]');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The cast is safe: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}/`,
    requests,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
