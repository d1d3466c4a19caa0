import { join } from 'node:path';
import { expect, test } from 'vitest';
import { load, problemsOf } from './loading.ts';

const alibaba = `
accounts:
  - name: aliyun
    provider: alibaba
    access_key_id_env: ID
    access_key_secret_env: SECRET
`;

test('of an Alibaba account and its domains, too, what is not said is filled in', () => {
  const config = load(`${alibaba}
domains:
  - {account: aliyun, domain: www.example.com}
`);

  expect(config.accounts).toEqual([
    {
      provider: 'alibaba',
      name: 'aliyun',
      endpoints: ['https://live.aliyuncs.com'],
      settings: { endpoint: 'https://live.aliyuncs.com', signature: 'v3', format: 'json' },
      secrets: {
        accessKeyId: { from: 'env', name: 'ID' },
        accessKeySecret: { from: 'env', name: 'SECRET' },
      },
      requestsPerSecond: { DescribeLiveStreamsControlHistory: 25 },
      proxyUrlEnv: undefined,
      expectedDelayMs: { control_history: 30_000 },
    },
  ]);
  expect(config.controlTargets).toEqual([
    {
      account: 'aliyun',
      provider: 'alibaba',
      domain: 'www.example.com',
      appName: undefined,
      intervalMs: 30_000,
      expectedDelayMs: 30_000,
      lookbackMs: 600_000,
    },
  ]);
  expect(config.pushTargets).toEqual([]);
});

test('everything that can be said of an Alibaba account and a domain is heard', () => {
  const config = load(`
accounts:
  - name: a
    provider: alibaba
    access_key_id_file: secrets/id
    access_key_secret_file: /secrets/secret
    security_token_env: TOKEN
    endpoint: http://127.0.0.1:8080/
    signature: v1
    format: xml
    requests_per_second: {DescribeLiveStreamsControlHistory: 0.5}
    expected_delay: {control_history: 2m}
    proxy_url_env: PROXY
domains:
  - {account: a, domain: WWW.Example.com, app_name: live, control_history: {interval: 10s, lookback: 1h}}
`);

  expect(config.accounts).toEqual([
    {
      provider: 'alibaba',
      name: 'a',
      endpoints: ['http://127.0.0.1:8080'],
      settings: { endpoint: 'http://127.0.0.1:8080', signature: 'v1', format: 'xml' },
      secrets: {
        accessKeyId: { from: 'file', path: join('config', 'secrets', 'id') },
        accessKeySecret: { from: 'file', path: '/secrets/secret' },
        securityToken: { from: 'env', name: 'TOKEN' },
      },
      requestsPerSecond: { DescribeLiveStreamsControlHistory: 0.5 },
      proxyUrlEnv: 'PROXY',
      expectedDelayMs: { control_history: 120_000 },
    },
  ]);
  expect(config.controlTargets).toEqual([
    {
      account: 'a',
      provider: 'alibaba',
      // DNS does not tell small letters from capitals.
      domain: 'www.example.com',
      appName: 'live',
      intervalMs: 10_000,
      expectedDelayMs: 120_000,
      lookbackMs: 3_600_000,
    },
  ]);
});

test('what is said of a domain may reach back a day, its expected delay included, and not a second more', () => {
  const withLookback = (lookback: string) => `${alibaba}
domains:
  - {account: aliyun, domain: www.example.com, control_history: {lookback: ${lookback}}}
`;

  expect(problemsOf(withLookback('23h59m30s'))).toEqual([]);
  expect(problemsOf(withLookback('23h59m31s'))).toHaveLength(1);
});

test('a host name has parts of 63 letters at most, and 253 in all', () => {
  const withDomain = (domain: string) => `${alibaba}\ndomains:\n  - {account: aliyun, domain: ${domain}}\n`;
  const part = 'x'.repeat(63);
  const longest = [part, part, part, 'x'.repeat(61)].join('.');

  expect([`${part}.com`, longest, 'xn--fiq.example'].map((one) => problemsOf(withDomain(one)))).toEqual([
    [],
    [],
    [],
  ]);
  expect([`x${part}.com`, `${longest}x`].map((one) => problemsOf(withDomain(one)).length)).toEqual([1, 1]);
});
