import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isDue } from '../../src/model/live-schedule.ts';
import { account, load, problemsOf } from './loading.ts';

test('fills in defaults', () => {
  const config = load(`${account}
streams:
  - {account: tencent, stream: 1234_a}
`);

  expect(config).toEqual({
    accounts: [
      {
        provider: 'tencent',
        name: 'tencent',
        endpoints: ['http://statcgi.video.qcloud.com/common_access'],
        settings: {
          api: 'statcgi',
          appId: 1234,
          endpoint: 'http://statcgi.video.qcloud.com/common_access',
          timeZoneOffsetMs: 28_800_000,
        },
        secrets: { key: { from: 'env', name: 'TENCENT_STAT_KEY' } },
        requestsPerSecond: { Get_LivePushStatHistory: 20 },
        proxyUrlEnv: undefined,
        expectedDelayMs: { push_stats: 10_000 },
      },
    ],
    pushTargets: [
      {
        stream: { account: 'tencent', provider: 'tencent', domain: '', appName: '', stream: '1234_a' },
        expectation: {
          framesPerSecond: undefined,
          bitsPerSecond: undefined,
          minFramesPerSecond: undefined,
          minBitsPerSecond: undefined,
          live: undefined,
        },
        labels: {},
        intervalMs: 5_000,
        expectedDelayMs: 10_000,
        lookbackMs: 60_000,
        staleAfterMs: 30_000,
      },
    ],
    controlTargets: [],
    discoveryTargets: [],
    clientIp: { show: 'full', on: 'gauges' },
    limits: { maxStreams: 20_000, stateRetentionMs: 2_592_000_000 },
    alertmanager: { urls: [], username: undefined, secrets: {}, language: 'en', runbookBase: '' },
  });
});

test('converts every setting to internal units', () => {
  const config = load(`
accounts:
  - name: a
    provider: tencent
    statcgi: {app_id: 7, key_file: secrets/key, endpoint: "https://127.0.0.1:8443/x", time_zone: "-03:30"}
    requests_per_second: {Get_LivePushStatHistory: 2.5}
    expected_delay: {push_stats: 1m30s}
    proxy_url_env: PROXY
streams:
  - account: a
    stream: s
    domain: push.example.com
    app_name: live
    expect: {fps: 29.97, bitrate: 2.5Mbit, fps_ratio: 0.9, bitrate_ratio: 0.25, live: false}
    labels: {channel: news}
push_stats: {interval: 10s, lookback: 2m, stale_after: 1m}
client_ip: {show: prefix, on: info}
limits: {max_streams: 5, state_retention: 1d12h}
`);

  expect(config.accounts).toEqual([
    {
      provider: 'tencent',
      name: 'a',
      endpoints: ['https://127.0.0.1:8443/x'],
      settings: {
        api: 'statcgi',
        appId: 7,
        endpoint: 'https://127.0.0.1:8443/x',
        timeZoneOffsetMs: -12_600_000,
      },
      secrets: { key: { from: 'file', path: join('config', 'secrets', 'key') } },
      requestsPerSecond: { Get_LivePushStatHistory: 2.5 },
      proxyUrlEnv: 'PROXY',
      expectedDelayMs: { push_stats: 90_000 },
    },
  ]);
  expect(config.pushTargets).toEqual([
    {
      stream: { account: 'a', provider: 'tencent', domain: 'push.example.com', appName: 'live', stream: 's' },
      expectation: {
        framesPerSecond: 29.97,
        bitsPerSecond: 2_500_000,
        minFramesPerSecond: 26.973,
        minBitsPerSecond: 625_000,
        live: false,
      },
      labels: { channel: 'news' },
      intervalMs: 10_000,
      expectedDelayMs: 90_000,
      lookbackMs: 120_000,
      staleAfterMs: 60_000,
    },
  ]);
  expect(config.clientIp).toEqual({ show: 'prefix', on: 'info' });
  expect(config.limits).toEqual({ maxStreams: 5, stateRetentionMs: 129_600_000 });
});

test('converts an account of API 3.0', () => {
  const { accounts, pushTargets } = load(`
accounts:
  - name: a
    provider: tencent
    api3: {secret_id_env: ID, secret_key_file: key, token_env: TOKEN}
    requests_per_second: {DescribeStreamPushInfoList: 5}
  - {name: b, provider: tencent, api3: {site: international, secret_id_env: ID, secret_key_env: KEY}}
  - {name: c, provider: tencent, api3: {endpoint: "http://127.0.0.1:1", secret_id_env: ID, secret_key_env: KEY}}
streams:
  - {account: a, domain: push.example.com, stream: s}
`);

  expect(accounts.map(({ settings, endpoints }) => [settings, endpoints])).toEqual([
    [
      { api: 'api3', endpoint: 'https://live.tencentcloudapi.com', site: 'china', credentialsFrom: 'static' },
      ['https://live.tencentcloudapi.com'],
    ],
    [
      {
        api: 'api3',
        endpoint: 'https://live.intl.tencentcloudapi.com',
        site: 'international',
        credentialsFrom: 'static',
      },
      ['https://live.intl.tencentcloudapi.com'],
    ],
    [
      { api: 'api3', endpoint: 'http://127.0.0.1:1', site: 'china', credentialsFrom: 'static' },
      ['http://127.0.0.1:1'],
    ],
  ]);
  expect(accounts[0]).toMatchObject({
    secrets: {
      secretId: { from: 'env', name: 'ID' },
      secretKey: { from: 'file', path: join('config', 'key') },
      token: { from: 'env', name: 'TOKEN' },
    },
    expectedDelayMs: { push_stats: 10_000, control_history: 30_000 },
  });
  const rates = {
    DescribeStreamPushInfoList: 20,
    DescribeLiveStreamOnlineList: 40,
    DescribeLiveStreamPushInfoList: 15,
    DescribeLiveStreamEventList: 150,
    DescribeLiveForbidStreamList: 2,
    DescribeLiveStreamState: 150,
  };
  expect(accounts.map(({ requestsPerSecond }) => requestsPerSecond)).toEqual([
    { ...rates, DescribeStreamPushInfoList: 5 },
    rates,
    rates,
  ]);
  expect(pushTargets[0]?.stream).toEqual({
    account: 'a',
    provider: 'tencent',
    domain: 'push.example.com',
    appName: '',
    stream: 's',
  });
});

test('applies push_stats of an account to its streams, and the shared push_stats to the rest', () => {
  const { pushTargets } = load(`${account}
    push_stats: {lookback: 5m}
push_stats: {interval: 15s, lookback: 2m}
streams:
  - {account: tencent, stream: a}
`);

  expect(pushTargets[0]).toMatchObject({ intervalMs: 15_000, lookbackMs: 300_000, staleAfterMs: 30_000 });
});

test('applies the default expectation to streams that do not override it', () => {
  const { pushTargets } = load(`${account}
defaults: {expect: {fps: 50, fps_ratio: 0.5, live: true}}
streams:
  - {account: tencent, stream: a}
  - {account: tencent, stream: b, expect: {fps: 25, live: false}}
  - {account: tencent, stream: c, expect: {video: false, bitrate: 64kbit}}
  - {account: tencent, stream: d, expect: {video: true}}
`);

  expect(pushTargets.map(({ expectation }) => expectation)).toEqual([
    {
      framesPerSecond: 50,
      bitsPerSecond: undefined,
      minFramesPerSecond: 25,
      minBitsPerSecond: undefined,
      live: true,
    },
    {
      framesPerSecond: 25,
      bitsPerSecond: undefined,
      minFramesPerSecond: 12.5,
      minBitsPerSecond: undefined,
      live: false,
    },
    {
      framesPerSecond: undefined,
      bitsPerSecond: 64_000,
      minFramesPerSecond: undefined,
      minBitsPerSecond: 32_000,
      live: true,
      isAudioOnly: true,
    },
    {
      framesPerSecond: 50,
      bitsPerSecond: undefined,
      minFramesPerSecond: 25,
      minBitsPerSecond: undefined,
      live: true,
    },
  ]);
});

test('converts time slots to days and minutes, with every day as the default', () => {
  const { pushTargets } = load(`${account}
streams:
  - account: tencent
    stream: a
    expect:
      live:
        - {days: mon-fri, from: 9:00, to: 18:00, time_zone: Asia/Shanghai}
        - {days: [sat, sun-mon], from: "22:00", to: "02:00", time_zone: Europe/Berlin}
        - {from: "00:00", to: "24:00", time_zone: UTC}
`);

  expect(pushTargets[0]?.expectation.live).toEqual([
    { days: [1, 2, 3, 4, 5], fromMinute: 540, toMinute: 1080, timeZone: 'Asia/Shanghai' },
    { days: [6, 0, 1], fromMinute: 1320, toMinute: 120, timeZone: 'Europe/Berlin' },
    { days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 0, toMinute: 1440, timeZone: 'UTC' },
  ]);
});

test('limits the sum of lookback and expected_delay to 30 minutes', () => {
  const withDelay = (delay: string) => `${account}
    expected_delay: {push_stats: ${delay}}
`;

  expect(problemsOf(withDelay('29m'))).toEqual([]);
  expect(problemsOf(withDelay('29m1s'))).toEqual([
    "test.yaml:7:34: accounts.0.expected_delay.push_stats: lookback 1m plus the account's expected_delay 29m1s must be at most 30m",
  ]);
});

test.each(['Asia/Shanghai', '+08:00'])('accepts the time zone %s for the API and for time slots', (zone) => {
  const { accounts, pushTargets } = load(`
accounts:
  - {name: a, provider: tencent, statcgi: {app_id: 7, key_env: K, time_zone: "${zone}"}}
streams:
  - {account: a, stream: s, expect: {live: [{from: "09:00", to: "18:00", time_zone: "${zone}"}]}}
`);
  const { live } = pushTargets[0]?.expectation ?? {};

  expect(accounts[0]?.settings).toMatchObject({ timeZoneOffsetMs: 28_800_000 });
  expect([at('08:59:59'), at('09:00:00'), at('18:00:00')].map((time) => live && isDue(live, time))).toEqual([
    false,
    true,
    false,
  ]);
});

function at(time: string): number {
  return Date.parse(`2026-01-16T${time}+08:00`);
}

test('converts the settings of the Alertmanagers', () => {
  const config = load(`
accounts:
  - {name: tencent, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY}}
alertmanager:
  urls: ["http://am-0:9093", "https://am.example.com/prefix/"]
  basic_auth: {username: exporter, password_file: secrets/password}
  ca_file: /etc/ca.pem
  language: zh
  runbook_base: https://runbooks.example.com/live
`);

  expect(config.alertmanager).toEqual({
    urls: ['http://am-0:9093', 'https://am.example.com/prefix'],
    username: 'exporter',
    secrets: {
      password: { from: 'file', path: 'config/secrets/password' },
      certificates: { from: 'file', path: '/etc/ca.pem' },
    },
    language: 'zh',
    runbookBase: 'https://runbooks.example.com/live',
  });
});
