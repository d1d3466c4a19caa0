import { expect, test } from 'vitest';
import { scenarioOf } from '../support.ts';

test('requires a name and a stream, and fills in defaults for the rest', () => {
  expect(scenarioOf('{name: small, streams: [{name: news}]}')).toEqual({
    name: 'small',
    description: '',
    seed: 1,
    loopMs: undefined,
    speed: 1,
    noise: 0.03,
    account: {
      api: 'statcgi',
      site: 'china',
      discover: false,
      appId: 1234,
      key: 'simulator-demo-key',
      secretId: 'simulator-demo-secret-id',
      secretKey: 'simulator-demo-secret-key',
    },
    provider: {
      delayMs: 5_000,
      rateLimit: undefined,
      output: 'object',
      empty: 'code',
      failuresIn: 'both',
      time: 'naive',
      numbers: 'number',
      late: { share: 0, byMs: 0 },
      doubledShare: 0,
      partialShare: 0,
      unfinishedShare: 0,
      list: { delayMs: 0, pageLagMs: 0 },
      events: { delayMs: 5_000, late: { share: 0, byMs: 0 }, pageLagMs: 0 },
      story: [],
    },
    streams: [
      {
        name: 'news',
        count: 1,
        domain: 'push.example.com',
        api: 'statcgi',
        appName: 'live',
        framesPerSecond: 25,
        bitsPerSecond: 2_500_000,
        clientIp: '192.0.2.1',
        serverIp: '198.51.100.1',
        startMs: -Infinity,
        stopMs: Infinity,
        story: [],
      },
    ],
    alibaba: {
      account: {
        accessKeyId: 'simulator-demo-id',
        accessKeySecret: 'simulator-demo-secret',
        securityToken: undefined,
      },
      signature: 'v3',
      format: 'json',
      delayMs: 10_000,
      rateLimit: 50,
      retryAfter: '1000',
      retentionMs: 604_800_000,
      olderStart: 'answered',
      futureEnd: 'answered',
      ends: 'both',
      order: 'ascending',
      mostRecords: undefined,
      discover: false,
      bitrateUnit: 'bit',
      banName: 'streaming',
      domainBitrateUnit: 'byte',
      domainDelayMs: 120_000,
      notGranted: [],
      ratesOf: 'ingest',
      wrongDomain: 'refused',
      silence: 'absent',
      transcoded: [],
      noRecords: 'list',
      oneRecord: 'list',
      streamName: 'full',
      extraKeys: false,
      defaultFormat: 'xml',
      story: [],
    },
    domains: [],
  });
});

test('accepts a name and a domain without streams', () => {
  const { streams, domains } = scenarioOf('{name: small, domains: [{name: play.example.com}]}');

  expect(streams).toEqual([]);
  expect(domains).toEqual([{ name: 'play.example.com', appNames: ['live'], pushDomains: [], story: [] }]);
});

test('converts the units of every kind of action and Alibaba API event', () => {
  const { alibaba, domains } = scenarioOf(`
name: all
alibaba:
  security_token: token
  retry_after: none
  no_records: null
  story:
    - {at: 1m, for: 30s, answer: 503}
    - {at: 2m, answer: NoPermission, status: 401, share: 50%, rate_limit: 5, delay: 1m}
domains:
  - name: play.example.com
    app_names: [live, tv]
    story:
      - {at: 1m, stream: cam1, action: forbid}
      - {at: 1m30s, every: 10s, until: 2m, stream: 'cam-{n}', count: 3, app_name: tv, action: resume,
         client_ip: none, times: 2, late: 40s}
`);

  expect([alibaba.account.securityToken, alibaba.retryAfter, alibaba.noRecords]).toEqual([
    'token',
    undefined,
    'null',
  ]);
  const noEffect = { rateLimit: undefined, delayMs: undefined };
  expect(alibaba.story).toEqual([
    { ...noEffect, fromMs: 60_000, untilMs: 90_000, answer: { what: '503', status: undefined }, share: 1 },
    {
      fromMs: 120_000,
      untilMs: Infinity,
      answer: { what: 'NoPermission', status: 401 },
      share: 0.5,
      rateLimit: 5,
      delayMs: 60_000,
    },
  ]);
  expect(domains[0]?.story).toEqual([
    {
      atMs: 60_000,
      everyMs: undefined,
      untilMs: Infinity,
      stream: 'cam1',
      count: 1,
      appName: 'live',
      action: 'forbid',
      clientIp: '198.51.100.200',
      times: 1,
      lateMs: 0,
      expiresMs: undefined,
      isRecorded: true,
    },
    {
      atMs: 90_000,
      everyMs: 10_000,
      untilMs: 120_000,
      stream: 'cam-{n}',
      count: 3,
      appName: 'tv',
      action: 'resume',
      clientIp: undefined,
      times: 2,
      lateMs: 40_000,
      expiresMs: undefined,
      isRecorded: true,
    },
  ]);
});

test('converts the units of every kind of event', () => {
  const { provider, streams } = scenarioOf(`
name: all
loop: 10m
provider:
  late: {share: 2%, by: 20s}
  doubled: {share: 1%}
  story:
    - {at: 1m, for: 30s, answer: 503}
    - {at: 2m, answer: cmd is invalid, share: 50%, rate_limit: 5, delay: 1m}
streams:
  - name: news
    start: 10s
    stop: 9m
    story:
      - {at: 30s, for: 45s, fps: 60%, bitrate: 500kbit}
      - {at: 2m, fps: 0, silent: true, flapping: {up: 10s, down: 5s}}
      - {at: 3m, client_ip: 192.0.2.9, server_ip: 198.51.100.9, second_publisher: '2001:db8::1'}
  - {name: night, start: never}
`);

  expect(provider.late).toEqual({ share: 0.02, byMs: 20_000 });
  expect(provider.doubledShare).toBe(0.01);
  expect(provider.story).toEqual([
    { fromMs: 60_000, untilMs: 90_000, answer: '503', share: 1, rateLimit: undefined, delayMs: undefined },
    {
      fromMs: 120_000,
      untilMs: Infinity,
      answer: 'cmd is invalid',
      share: 0.5,
      rateLimit: 5,
      delayMs: 60_000,
    },
  ]);
  const noEffect = {
    fps: undefined,
    bitrate: undefined,
    silent: false,
    flapping: undefined,
    clientIp: undefined,
    serverIp: undefined,
    secondPublisher: undefined,
  };
  expect(streams.map(({ startMs, stopMs }) => [startMs, stopMs])).toEqual([
    [10_000, 540_000],
    [Infinity, Infinity],
  ]);
  expect(streams[0]?.story).toEqual([
    { ...noEffect, fromMs: 30_000, untilMs: 75_000, fps: { share: 0.6 }, bitrate: { value: 500_000 } },
    {
      ...noEffect,
      fromMs: 120_000,
      untilMs: Infinity,
      fps: { value: 0 },
      silent: true,
      flapping: { upMs: 10_000, downMs: 5_000 },
    },
    {
      ...noEffect,
      fromMs: 180_000,
      untilMs: Infinity,
      clientIp: '192.0.2.9',
      serverIp: '198.51.100.9',
      secondPublisher: '2001:db8::1',
    },
  ]);
});
