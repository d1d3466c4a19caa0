import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLargeBodies } from '../../src/calls/large-bodies.ts';
import { systemClock } from '../../src/clock.ts';
import {
  createSources,
  type RateLimiters,
  type SourceAccount,
  type SourceObservers,
  type SourceParts,
} from '../../src/collectors/sources.ts';
import { secretKey } from '../../src/config/secrets.ts';
import { type FailureKind, ProviderError } from '../../src/model/answer.ts';
import type { InSlices } from '../../src/model/slices.ts';
import { acme } from '../fixtures/extension/acme.ts';
import { startRowServer } from '../support/row-server.ts';

test('a source of a new provider retries, is rate limited and reports to its observers', async () => {
  await using server = await startRowServer([503, 200]);
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

test('reserves the memory of large bodies in the budget of all accounts', async () => {
  await using server = await startRowServer([200]);
  const reserved: number[] = [];
  const largeBodies = {
    smallBytes: 1,
    reserve(bytes: number, onReserved: () => void) {
      reserved.push(bytes);
      onReserved();
      return () => undefined;
    },
  };
  const sources = createAcmeSources(server.endpoint, new Map(), createObservers(), undefined, largeBodies);

  await sources.byQuestion.viewer_count.countViewers('d', AbortSignal.timeout(10_000));
  await sources.close();

  expect(reserved).toEqual(['[3, "4"]'.length]);
});

test('rejects an operation without a rate limit as internal', async () => {
  await using server = await startRowServer([200]);
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

test('uses a rotated credential file at once when the provider rejects the old one', async () => {
  await using server = await startRowServer([200, 401, 200, 401]);
  const directory = await mkdtemp(join(tmpdir(), 'sources-'));
  const path = join(directory, 'token');
  const ref = { from: 'file', path } as const;
  await writeFile(path, 'token-1\n');
  const observed = createObservers();
  const sources = createSources(
    acme,
    { ...acmeAccount(server.endpoint), secrets: { token: ref } },
    new Map([[secretKey(ref), 'token-1']]),
    new Map(),
    sourceParts(observed),
  );
  const count = () => sources.byQuestion.viewer_count.countViewers('d', AbortSignal.timeout(10_000));

  await count();
  await writeFile(path, 'token-2\n');
  await count();
  await expect(count()).rejects.toMatchObject({ kind: 'auth' });

  expect(server.requests.map(({ token }) => token)).toEqual(['token-1', 'token-1', 'token-2', 'token-2']);
  expect(observed.secretProblems).toEqual([undefined]);
  await Promise.all([sources.close(), rm(directory, { recursive: true })]);
});

test('reports no renewal that ended because the sources were closed', async () => {
  const problems: unknown[] = [];
  const observers = { ...createObservers(), onRenewal: (problem: unknown) => void problems.push(problem) };
  let report: (problem: unknown) => void = () => undefined;
  const provider = {
    ...acme,
    createSources(...[account, parts]: Parameters<typeof acme.createSources>) {
      report = parts.onRenewal;
      return acme.createSources(account, parts);
    },
  };
  const account = acmeAccount('https://acme.example.com/');
  const sources = createSources(provider, account, new Map(), new Map(), sourceParts(observers));

  report('no answer');
  await sources.close();
  report('stopped');

  expect(problems).toEqual(['no answer']);
});

test('lets lists yield to the event loop after 4 ms', async () => {
  let elapsed = 0;
  let yields = 0;
  let inSlices: InSlices | undefined;
  const provider = {
    ...acme,
    createSources(...[account, parts]: Parameters<typeof acme.createSources>) {
      inSlices = parts.inSlices;
      return acme.createSources(account, parts);
    },
  };
  const clock = { ...systemClock, elapsed: () => elapsed, yieldNow: async () => void yields++ };
  const parts = { ...sourceParts(createObservers()), clock };
  const account = acmeAccount('https://acme.example.com/');
  const sources = createSources(provider, account, new Map(), new Map(), parts);

  await inSlices?.(Array(160).keys(), () => {
    elapsed += 0.125;
  });
  await sources.close();

  expect(yields).toBe(20 / 4);
});

function createAcmeSources(
  endpoint: string,
  limiters: RateLimiters,
  observers: SourceObservers,
  requestsPerSecond: Readonly<Record<string, number>> = { CountViewers: 1_000 },
  largeBodies = createLargeBodies(),
) {
  const account = { ...acmeAccount(endpoint), requestsPerSecond };
  const secrets = new Map([['env TOKEN', 's3cret']]);
  return createSources(acme, account, secrets, limiters, { ...sourceParts(observers), largeBodies });
}

function acmeAccount(endpoint: string): SourceAccount {
  return {
    endpoints: [endpoint],
    settings: { endpoint },
    secrets: { token: { from: 'env', name: 'TOKEN' } },
    requestsPerSecond: { CountViewers: 1_000 },
    proxyUrlEnv: undefined,
  };
}

function sourceParts(observers: SourceObservers): SourceParts {
  return {
    observers,
    env: {},
    largeBodies: createLargeBodies(),
    clock: systemClock,
    toleranceMs: () => 60_000,
    random: () => 0,
    nonce: () => 'nonce',
  };
}

function createObservers() {
  const requests: [operation: string, kind: FailureKind | undefined][] = [];
  const clockOffsets: number[] = [];
  const budgets: [operation: string, requestsPerSecond: number][] = [];
  const insecureHosts: string[] = [];
  const secretProblems: (string | undefined)[] = [];
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
    secretProblems,
    onSecretsRead: (problem: string | undefined) => void secretProblems.push(problem),
    onRenewal: () => undefined,
  };
}
