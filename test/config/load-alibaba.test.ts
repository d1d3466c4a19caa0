import { join } from 'node:path';
import { expect, test } from 'vitest';
import { domainCount } from '../../src/config/config.ts';
import { load, problemsOf } from './loading.ts';

const alibaba = `
accounts:
  - name: aliyun
    provider: alibaba
    access_key_id_env: ID
    access_key_secret_env: SECRET
`;

test('fills in defaults of an Alibaba account and its domains', () => {
  const config = load(`${alibaba}
domains:
  - {account: aliyun, domain: www.example.com}
`);

  expect(config.accounts).toEqual([
    {
      provider: 'alibaba',
      name: 'aliyun',
      endpoints: ['https://live.aliyuncs.com'],
      settings: {
        endpoint: 'https://live.aliyuncs.com',
        signature: 'v3',
        format: 'json',
        credentialsFrom: 'static',
        bitrateUnits: {},
        pushDomains: {},
      },
      requestsPerPoll: {},
      secrets: {
        accessKeyId: { from: 'env', name: 'ID' },
        accessKeySecret: { from: 'env', name: 'SECRET' },
      },
      requestsPerSecond: {
        DescribeLiveStreamsControlHistory: 25,
        DescribeLiveCenterStreamRateData: 25,
        DescribeLiveStreamsOnlineList: 80,
        DescribeLiveStreamsBlockList: 25,
        DescribeLiveDomainFrameRateAndBitRateData: 50,
        DescribeLiveDomainMapping: 4,
        DescribeLiveStreamPushMetricDetailData: 5,
      },
      proxyUrlEnv: undefined,
      expectedDelayMs: { control_history: 30_000, push_stats: 30_000 },
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

test('converts every setting of an Alibaba account and a domain', () => {
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
    requests_per_second:
      DescribeLiveStreamsControlHistory: 0.5
      DescribeLiveCenterStreamRateData: 50
      DescribeLiveStreamsOnlineList: 1
      DescribeLiveStreamsBlockList: 3
      DescribeLiveDomainFrameRateAndBitRateData: 4
      DescribeLiveDomainMapping: 2
      DescribeLiveStreamPushMetricDetailData: 1.5
    expected_delay: {control_history: 2m, push_stats: 5m}
    bitrate_unit: {DescribeLiveCenterStreamRateData: byte}
    push_stats: {interval: 30s, lookback: 3m, stale_after: 2m}
    proxy_url_env: PROXY
domains:
  - account: a
    domain: WWW.Example.com
    app_name: live
    control_history: {interval: 10s, lookback: 1h}
    push_domains: [Push.example.com, push2.example.com]
    discover: true
    app_names: [live, show]
streams:
  - {account: a, domain: www.example.com, app_name: live, stream: cam1}
`);

  expect(config.accounts).toEqual([
    {
      provider: 'alibaba',
      name: 'a',
      endpoints: ['http://127.0.0.1:8080'],
      settings: {
        endpoint: 'http://127.0.0.1:8080',
        signature: 'v1',
        format: 'xml',
        credentialsFrom: 'static',
        bitrateUnits: { DescribeLiveCenterStreamRateData: 'byte' },
        pushDomains: { 'www.example.com': ['push.example.com', 'push2.example.com'] },
      },
      requestsPerPoll: { 'www.example.com': 2 },
      secrets: {
        accessKeyId: { from: 'file', path: join('config', 'secrets', 'id') },
        accessKeySecret: { from: 'file', path: '/secrets/secret' },
        securityToken: { from: 'env', name: 'TOKEN' },
      },
      requestsPerSecond: {
        DescribeLiveStreamsControlHistory: 0.5,
        DescribeLiveCenterStreamRateData: 50,
        DescribeLiveStreamsOnlineList: 1,
        DescribeLiveStreamsBlockList: 3,
        DescribeLiveDomainFrameRateAndBitRateData: 4,
        DescribeLiveDomainMapping: 2,
        DescribeLiveStreamPushMetricDetailData: 1.5,
      },
      proxyUrlEnv: 'PROXY',
      expectedDelayMs: { control_history: 120_000, push_stats: 300_000 },
    },
  ]);
  expect(config.controlTargets).toEqual([
    {
      account: 'a',
      provider: 'alibaba',
      // DNS is case-insensitive.
      domain: 'www.example.com',
      appName: 'live',
      intervalMs: 10_000,
      expectedDelayMs: 120_000,
      lookbackMs: 3_600_000,
    },
  ]);
  const push = { intervalMs: 30_000, expectedDelayMs: 300_000, lookbackMs: 180_000, staleAfterMs: 120_000 };
  expect(config.pushTargets).toMatchObject([
    { stream: { provider: 'alibaba', domain: 'www.example.com', appName: 'live', stream: 'cam1' }, ...push },
  ]);
  expect(config.discoveryTargets).toMatchObject([
    { domain: 'www.example.com', appName: 'live', push },
    { domain: 'www.example.com', appName: 'show', push },
  ]);
  expect(domainCount(config)).toBe(1);
});

test('limits the sum of lookback and expected delay of a domain to one day', () => {
  const withLookback = (lookback: string) => `${alibaba}
domains:
  - {account: aliyun, domain: www.example.com, control_history: {lookback: ${lookback}}}
`;

  expect(problemsOf(withLookback('23h59m30s'))).toEqual([]);
  expect(problemsOf(withLookback('23h59m31s'))).toHaveLength(1);
});

test('accepts host names of at most 253 characters, with labels of at most 63', () => {
  const withDomain = (domain: string) => `${alibaba}\ndomains:\n  - {account: aliyun, domain: ${domain}}\n`;
  const hostLabel = 'x'.repeat(63);
  const longest = [hostLabel, hostLabel, hostLabel, 'x'.repeat(61)].join('.');

  expect([`${hostLabel}.com`, longest, 'xn--fiq.example'].map((one) => problemsOf(withDomain(one)))).toEqual([
    [],
    [],
    [],
  ]);
  expect([`x${hostLabel}.com`, `${longest}x`].map((one) => problemsOf(withDomain(one)).length)).toEqual([
    1, 1,
  ]);
});
