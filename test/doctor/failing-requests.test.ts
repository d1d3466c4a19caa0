import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import {
  alibaba,
  always,
  api3,
  api3Error,
  type Case,
  describeFailures,
  statcgi,
  withEndpoint,
  withoutStreams,
} from './failing-account.ts';
import {
  causesIn,
  listen,
  type Outcome,
  runOnSimulator,
  type SimulatedAccount,
  serve,
} from './run-doctor.ts';

const cases: Readonly<Record<string, Case & { readonly proxy?: Responder }>> = {
  throttled: {
    scenario: api3('provider: {story: [{at: 0s, answer: RequestLimitExceeded}]}'),
    cause: 'throttled',
    says: [
      'which other programs use the same account',
      'requests_per_second: {DescribeStreamPushInfoList: 10}',
    ],
  },
  'throttled by user': {
    scenario: alibaba('alibaba: {story: [{at: 0s, answer: Throttling.User}]}'),
    config: withoutStreams,
    cause: 'throttled',
    says: ['requests_per_second: {DescribeLiveStreamsControlHistory: 12.5'],
  },
  'proxy without credentials': {
    ...behindProxy(407, {}),
    cause: 'proxy_credentials',
    says: ['set user and password in the URL of the proxy'],
  },
  'proxy forbids the host': {
    ...behindProxy(403, { 'x-squid-error': 'ERR_ACCESS_DENIED 0' }),
    cause: 'proxy_forbids',
    says: ['allow the host of the API in the proxy'],
  },
  'proxy fails': {
    ...behindProxy(503, { 'x-squid-error': 'ERR_DNS_FAIL 0' }),
    cause: 'proxy_failed',
    says: ['the proxy can reach the host of the API'],
  },
  'name not resolvable': {
    scenario: api3(),
    config: withEndpoint('https://no-such-host.invalid'),
    cause: 'dns',
    says: ['cannot resolve no-such-host.invalid', 'check the DNS of this host'],
  },
  'host silent': {
    scenario: api3('provider: {story: [{at: 0s, answer: hang}]}'),
    flags: { requestMs: 1_000 },
    cause: 'timeout',
    says: ['no response within 1 s', 'the firewall does not drop the packets'],
  },
  'connection reset': {
    scenario: api3('provider: {story: [{at: 0s, answer: reset}]}'),
    cause: 'connection_lost',
    says: ['the connection broke before the response was complete', 'check firewalls, proxies'],
  },
  'provider down': {
    scenario: api3('provider: {story: [{at: 0s, answer: InternalError}]}'),
    cause: 'server_error',
    says: ['run the command again in some minutes'],
  },
  'web page in place of an answer': {
    scenario: api3('provider: {story: [{at: 0s, answer: not_json}]}'),
    cause: 'web_page',
    says: ['captive portal'],
  },
  'endpoint wrong': {
    scenario: statcgi(),
    config: (yaml) => yaml.replace('/common_access', '/other'),
    cause: 'endpoint',
    says: ['check the endpoint of the account'],
  },
  'old answers of a cache': {
    scenario: api3(),
    intercept(_, response) {
      response.setHeader('age', '900');
      response.setHeader('date', new Date(Date.UTC(2026, 2, 1, 11, 45)).toUTCString());
      return api3Error('FailedOperation.HasNotLivingStream')(response);
    },
    cause: 'http_cache',
    says: ['exempt the host of the API from the cache'],
  },
  'error unknown': {
    scenario: api3(),
    intercept: always(api3Error('SomethingNew')),
    cause: 'refused',
    says: ['SomethingNew', 'look up the error code'],
  },
};

/** An account whose requests go through a proxy that answers itself. */
function behindProxy(
  status: number,
  headers: Readonly<Record<string, string>>,
): SimulatedAccount & { proxy: Responder } {
  return { scenario: api3(), config: withEndpoint('http://live.example.com'), proxy: { status, headers } };
}

interface Responder {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

async function run(account: SimulatedAccount & { readonly proxy?: Responder }): Promise<Outcome> {
  if (account.proxy === undefined) return runOnSimulator(account);
  const { status, headers } = account.proxy;
  await using proxy = await serve((_, response) => response.writeHead(status, headers).end('no'));
  return await runOnSimulator({ ...account, env: { HTTP_PROXY: proxy.url } });
}

describeFailures(cases, run);

/** Runs the command against an account with this endpoint. */
async function runAt(endpoint: string) {
  const { code, out } = await runOnSimulator({ scenario: api3(), config: withEndpoint(endpoint) });
  return { code, out, causes: causesIn(out) };
}

test('certificate not trusted', async () => {
  const tls = join(import.meta.dirname, '../fixtures/tls');
  const [cert, key] = ['cert.pem', 'key.pem'].map((name) => readFileSync(join(tls, name), 'utf8'));
  await using server = await listen(createTlsServer({ cert, key }, (_, response) => response.end('{}')));

  const { code, causes, out } = await runAt(`https://127.0.0.1:${server.port}`);

  expect(code).toBe(1);
  expect(causes).toEqual(['tls_trust']);
  expect(out).toContain('set NODE_EXTRA_CA_CERTS to this file');
});

test('connection refused', async () => {
  const port = await freePort();

  const { code, causes, out } = await runAt(`http://127.0.0.1:${port}`);

  expect(code).toBe(1);
  expect(causes).toEqual(['connect']);
  expect(out).toContain('check host and port of the endpoint');
});
