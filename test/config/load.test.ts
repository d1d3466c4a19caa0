import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig, readConfigFile } from '../../src/config/load.ts';
import { toProblemLines } from '../../src/config/problems.ts';

const account = `
accounts:
  - name: tencent
    provider: tencent
    statcgi: {app_id: 1234, key_env: TENCENT_STAT_KEY}
`;

function load(text: string): Config {
  const loaded = loadConfig(text, 'config/test.yaml');
  if ('problems' in loaded) throw new Error(toProblemLines('test.yaml', loaded.problems).join('\n'));
  return loaded.config;
}

function problemsOf(text: string): readonly string[] {
  const loaded = loadConfig(text, 'test.yaml');
  return 'problems' in loaded ? toProblemLines('test.yaml', loaded.problems) : [];
}

test('what the operator does not say is filled in', () => {
  const config = load(`${account}
streams:
  - {account: tencent, stream: 1234_a}
`);

  expect(config).toEqual({
    accounts: [
      {
        provider: 'tencent',
        name: 'tencent',
        statcgi: {
          appId: 1234,
          key: { from: 'env', name: 'TENCENT_STAT_KEY' },
          endpoint: 'http://statcgi.video.qcloud.com/common_access',
          timeZoneOffsetMs: 28_800_000,
        },
        requestsPerSecond: { Get_LivePushStatHistory: 20 },
        proxyUrlEnv: undefined,
        expectedDelayMs: 10_000,
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
    clientIp: { show: 'full', on: 'gauges' },
    limits: { maxStreams: 20_000, stateRetentionMs: 2_592_000_000 },
  });
});

test('everything that can be said is heard, in the units of the program', () => {
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
      statcgi: {
        appId: 7,
        key: { from: 'file', path: join('config', 'secrets', 'key') },
        endpoint: 'https://127.0.0.1:8443/x',
        timeZoneOffsetMs: -12_600_000,
      },
      requestsPerSecond: { Get_LivePushStatHistory: 2.5 },
      proxyUrlEnv: 'PROXY',
      expectedDelayMs: 90_000,
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
      accessKeyId: { from: 'env', name: 'ID' },
      accessKeySecret: { from: 'env', name: 'SECRET' },
      securityToken: undefined,
      endpoint: 'https://live.aliyuncs.com',
      signature: 'v3',
      format: 'json',
      requestsPerSecond: { DescribeLiveStreamsControlHistory: 25 },
      proxyUrlEnv: undefined,
      expectedDelayMs: 30_000,
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
      accessKeyId: { from: 'file', path: join('config', 'secrets', 'id') },
      accessKeySecret: { from: 'file', path: '/secrets/secret' },
      securityToken: { from: 'env', name: 'TOKEN' },
      endpoint: 'http://127.0.0.1:8080',
      signature: 'v1',
      format: 'xml',
      requestsPerSecond: { DescribeLiveStreamsControlHistory: 0.5 },
      proxyUrlEnv: 'PROXY',
      expectedDelayMs: 120_000,
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

test('what an account says of push_stats holds for its streams, what it leaves out is as for all', () => {
  const { pushTargets } = load(`${account}
    push_stats: {lookback: 5m}
push_stats: {interval: 15s, lookback: 2m}
streams:
  - {account: tencent, stream: a}
`);

  expect(pushTargets[0]).toMatchObject({ intervalMs: 15_000, lookbackMs: 300_000, staleAfterMs: 30_000 });
});

test('what defaults expect holds for a stream that says nothing else', () => {
  const { pushTargets } = load(`${account}
defaults: {expect: {fps: 50, fps_ratio: 0.5, live: true}}
streams:
  - {account: tencent, stream: a}
  - {account: tencent, stream: b, expect: {fps: 25, live: false}}
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
  ]);
});

test('time slots become days and minutes; without days they are of every day', () => {
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

test('a key with nothing after it is as if it were not there', () => {
  const { pushTargets } = load(`${account}
    requests_per_second:
    proxy_url_env:
defaults:
push_stats: {interval: }
streams:
  - {account: tencent, stream: a, labels: , expect: }
`);

  expect(pushTargets[0]).toMatchObject({ intervalMs: 5_000, labels: {} });
  expect(load(`${account}streams:\n`).pushTargets).toEqual([]);
  expect(load(account).pushTargets).toEqual([]);
});

test('lines may end as they do on Windows', () => {
  const text = `${account}streams:\n  - {account: tencent, stream: 1}\n`.replaceAll('\n', '\r\n');

  expect(problemsOf(text)).toEqual(['test.yaml:7:32: streams.0.stream: expected text; put it in quotes']);
});

test('an alias stands for what was written before', () => {
  const { pushTargets } = load(`${account}
streams:
  - {account: tencent, stream: a, expect: &hd {fps: 50}}
  - {account: tencent, stream: b, expect: *hd}
`);

  expect(pushTargets.map(({ expectation }) => expectation.framesPerSecond)).toEqual([50, 50]);
});

test('lookback and expected_delay may be 30 minutes together, and not a second more', () => {
  const withDelay = (delay: string) => `${account}
    expected_delay: {push_stats: ${delay}}
`;

  expect(problemsOf(withDelay('29m'))).toEqual([]);
  expect(problemsOf(withDelay('29m1s'))).toEqual([
    'test.yaml:7:34: accounts.0.expected_delay.push_stats: lookback 1m and expected_delay 29m1s must be at most 30m together',
  ]);
});

test('after a hundred problems it is only said how many more there are', () => {
  const streams = Array.from({ length: 102 }, (_, i) => `  - {account: tencent, stream: ${i}}`);

  const lines = problemsOf(`${account}streams:\n${streams.join('\n')}\n`);

  expect(lines).toHaveLength(101);
  expect(lines.at(-2)).toBe('test.yaml:106:32: streams.99.stream: expected text; put it in quotes');
  expect(lines.at(-1)).toBe('test.yaml: 2 more problems');
});

test('problems come in the order of the file, whoever found them', () => {
  const lines = problemsOf(`limits: {max_streams: 1}
streams:
  - {account: tencnt, stream: a}
  - {account: tencent, stream: b, stream: c, fps: 25}
${account.trimStart()}    name: tencent
`);

  expect(lines.map((line) => line.split(': ')[1])).toEqual([
    'streams',
    'streams.0.account',
    'streams.1.stream',
    'streams.1.fps',
    'accounts.0.name',
  ]);
});

test('what has mistakes in it is still compared with the rest', () => {
  const lines = problemsOf(`
accounts:
  - {name: broken, provider: tencent}
  - {name: whole, provider: tencent, statcgi: {app_id: 1, key_env: A}, push_stats: {lookback: 6s}}
streams:
  - {account: broken, stream: a}
  - {account: none, stream: a}
  - {account: whole, stream: a}
  - {account: whole, stream: a}
`);

  expect(lines).toEqual([
    'test.yaml:3:5: accounts.0.statcgi: missing',
    'test.yaml:4:95: accounts.1.push_stats.lookback: lookback is 6s: it must be at least stale_after, which is 30s',
    'test.yaml:7:15: streams.1.account: there is no account "none"',
    'test.yaml:9:30: streams.3.stream: the same stream as streams.2',
  ]);
});

test('ten thousand streams are loaded in seconds', () => {
  const streams = Array.from(
    { length: 10_000 },
    (_, i) => `  - {account: tencent, stream: s${i}, labels: {n: a}}`,
  );
  const started = performance.now();

  const { pushTargets } = load(`${account}streams:\n${streams.join('\n')}\n`);

  expect(pushTargets).toHaveLength(10_000);
  // Comparing each with each would take minutes.
  expect(performance.now() - started).toBeLessThan(15_000);
});

/** Ten megabytes and more of what would keep a YAML parser busy; each has to be refused in moments. */
const mischief: Readonly<Record<string, () => string>> = {
  'printable noise': () => noise(' !"#$%&\'()*+,-./0123456789:;<=>?@ABC[\\]^_`abc{|}~\n', 10_000_000),
  'noise of what YAML is made of': () => noise('ab: \n', 10_000_000),
  'open brackets': () => '['.repeat(10_000_000),
  'closed brackets': () => ']'.repeat(10_000_000),
  commas: () => `[${','.repeat(10_000_000)}`,
  'lists in lists': () => '- '.repeat(5_000_000),
  'ever deeper indentation': () => Array.from({ length: 4_000 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
  'bad escapes': () => `"${'\\q'.repeat(5_000_000)}"`,
  'anchors of one node': () => '&a '.repeat(3_000_000),
  'a zero byte at the end': () => `${'a'.repeat(10_000_000)}\0`,
};

test.each(Object.keys(mischief))('%s: refused in moments', (name) => {
  const text = mischief[name]?.() ?? '';
  const started = performance.now();

  const lines = problemsOf(text);

  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThanOrEqual(101);
  expect(performance.now() - started).toBeLessThan(3_000);
});

/** The same each time. */
function noise(alphabet: string, length: number): string {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    bytes[i] = alphabet.charCodeAt((state >> 12) % alphabet.length);
  }
  return bytes.toString('latin1');
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a config is read from its file, with or without a byte order mark', async () => {
  const file = join(folder, 'marked.yaml');
  await writeFile(file, `\uFEFF${account}streams: [{account: tencent, stream: ü}]\n`);

  const loaded = await readConfigFile(file);

  expect(loaded).toMatchObject({ config: { pushTargets: [{ stream: { stream: 'ü' } }] } });
});

test('a file that cannot be read is a problem of the whole file', async () => {
  const binary = join(folder, 'binary.yaml');
  await writeFile(binary, Buffer.from([0xff, 0xfe, 0x61, 0x00]));
  const texts = await Promise.all(
    [folder, join(folder, 'absent.yaml'), join(binary, 'x.yaml'), binary].map(async (file) => {
      const loaded = await readConfigFile(file);
      return 'problems' in loaded ? toProblemLines('test.yaml', loaded.problems) : [];
    }),
  );

  expect(texts).toEqual([
    ['test.yaml:1:1: this is a directory, not a file'],
    ['test.yaml:1:1: there is no such file'],
    ['test.yaml:1:1: a part of the path is not a directory'],
    ['test.yaml:1:1: not UTF-8 text'],
  ]);
});
