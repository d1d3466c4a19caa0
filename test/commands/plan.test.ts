import { expect, test } from 'vitest';
import { plan } from './plan-output.ts';

test('prints a table for a config within its budgets', async () => {
  expect(
    await plan(`
accounts:
  - {name: tencent, provider: tencent, statcgi: {app_id: 1, key_env: K}}
  - {name: slow, provider: tencent, statcgi: {app_id: 2, key_env: K}, push_stats: {interval: 10s}}
  - {name: aliyun, provider: alibaba, access_key_id_env: K, access_key_secret_env: K}
  - {name: unused, provider: alibaba, access_key_id_env: K, access_key_secret_env: K}
streams: [{account: tencent, stream: a}, {account: tencent, stream: b}, {account: slow, stream: a}]
domains:
  - {account: aliyun, domain: a.example.com}
  - {account: aliyun, domain: b.example.com, control_history: {interval: 1m}}
`),
  ).toEqual({
    code: 0,
    out: `account  operation                                  targets  configured interval  required requests/s  budget requests/s  effective interval  catch-up after 1h  feeds
tencent  Get_LivePushStatHistory                          2                   5s                  0.4                 20                  5s                 1s  counters and gauges
slow     Get_LivePushStatHistory                          1                  10s                  0.1                 20                 10s                 1s  counters and gauges
aliyun   DescribeLiveStreamsControlHistory                2               30s-1m                 0.05                 25                  1m                 1s  control actions
aliyun   DescribeLiveCenterStreamRateData                 0                    -                    0                 25                   -                  -  -
aliyun   DescribeLiveStreamsOnlineList                    0                    -                    0                 80                   -                  -  -
aliyun   DescribeLiveStreamsBlockList                     2               30s-1m                 0.05                 25                  1m                  -  bans
aliyun   DescribeLiveDomainFrameRateAndBitRateData        0                    -                    0                 50                   -                  -  -
unused   DescribeLiveStreamsControlHistory                0                    -                    0                 25                   -                  -  -
unused   DescribeLiveCenterStreamRateData                 0                    -                    0                 25                   -                  -  -
unused   DescribeLiveStreamsOnlineList                    0                    -                    0                 80                   -                  -  -
unused   DescribeLiveStreamsBlockList                     0                    -                    0                 25                   -                  -  -
unused   DescribeLiveDomainFrameRateAndBitRateData        0                    -                    0                 50                   -                  -  -
`,
    err: '',
  });
});

test('rejects an invalid config with the position of the error', async () => {
  expect(await plan('accounts: []\n')).toEqual({
    code: 2,
    out: '',
    err: 'FILE:1:11: accounts: expected at least one item\n',
  });
});

const discovering = `
accounts:
  - {name: t, provider: tencent, api3: {secret_id_env: K, secret_key_env: K}}
streams: [{account: t, domain: push.example.com, app_name: show, stream: a}]
domains:
  - {account: t, domain: push.example.com, discover: true, app_names: [live, show]}
  - {account: t, domain: two.example.com, discover: true, discover_interval: 1m, push_stats: {interval: 10s}}
limits: {max_streams: 2000}
`;

test('prints the load with assumed numbers of discovered streams, and what lists serve', async () => {
  const { code, out } = await plan(discovering);

  expect(code).toBe(0);
  expect(
    out,
  ).toBe(`account  operation                       targets  configured interval  required requests/s  budget requests/s  effective interval  catch-up after 1h  feeds
t        DescribeStreamPushInfoList            1                   5s                  0.2                 20                  5s                 1s  counters and gauges
t        DescribeLiveStreamOnlineList          3               15s-1m                 0.15                 40                  1m                  -  discovery
t        DescribeLiveStreamPushInfoList        0                    -                    0                 15                   -                  -  -
t        DescribeLiveStreamEventList           2                  30s                  0.1                150                 30s                 1s  control actions
t        DescribeLiveForbidStreamList          2                  30s                 0.07                  2                 30s                  -  bans
t        DescribeLiveStreamState               0                    -                    0                150                   -                  -  -

The number of discovered streams is unknown before the start. With an assumed number per account
(--streams=N, at most limits.max_streams without the streams of the config):

account  operation                       discovered streams  targets  configured interval  required requests/s  budget requests/s  effective interval  catch-up after 1h  feeds
t        DescribeStreamPushInfoList                     200      201               5s-10s                 33.6                 20                 12s                12s  counters and gauges
t        DescribeLiveStreamOnlineList                   200        3               15s-1m                 0.15                 40                  1m                  -  discovery
t        DescribeLiveStreamPushInfoList                 200        0                    -                    0                 15                   -                  -  -
t        DescribeStreamPushInfoList                    1999     2000               5s-10s                333.4                 20               1m50s              1m50s  counters and gauges
t        DescribeLiveStreamOnlineList                  1999        3               15s-1m                 0.15                 40                  1m                  -  discovery
t        DescribeLiveStreamPushInfoList                1999        3                   1m                 0.05                 15                  1m                  -  gauges
`);
});

test('assumes the number of discovered streams of the flag, and warns if it loses data', async () => {
  const config = discovering.replace(
    'tencent, ',
    'tencent, requests_per_second: {DescribeStreamPushInfoList: 0.1}, ',
  );

  const { out } = await plan(config, 1_000);

  const [, assumed = ''] = out.split('\n\naccount ');
  const rows = assumed.split('\n').filter((line) => line.startsWith('t '));
  expect(rows.map((row) => row.split(/ +/).slice(1, 4))).toEqual([
    ['DescribeStreamPushInfoList', '1000', '1001'],
    ['DescribeLiveStreamOnlineList', '1000', '3'],
    ['DescribeLiveStreamPushInfoList', '1000', '3'],
  ]);
  expect(assumed).toContain(
    'with 1000 discovered streams: warning: account t: the budget of 0.1 requests/s of DescribeStreamPushInfoList is too small for 1001 targets',
  );
});

test('prints that the gauges of a large fleet come from lists', async () => {
  const streams = Array.from(
    { length: 2000 },
    (_, i) => `  - {account: t, domain: push.example.com, stream: s${i}}`,
  );

  const { out } = await plan(`
accounts: [{name: t, provider: tencent, api3: {secret_id_env: K, secret_key_env: K}}]
streams:
${streams.join('\n')}
`);

  expect(out).toMatch(/DescribeLiveStreamPushInfoList +1 +1m .* gauges\n/);
  expect(out).toContain(
    'No data is lost, but counters change later. The gauges come from a list of live pushes too',
  );
});

test('plans one list of forbidden streams per domain at Alibaba, where domains do not share it', async () => {
  const domains = [1, 2, 3, 4, 5].map((n) => `  - {account: a, domain: play-${n}.example.com}`);

  const { out } = await plan(`
accounts: [{name: a, provider: alibaba, access_key_id_env: K, access_key_secret_env: K}]
domains:
${domains.join('\n')}
`);

  expect(out).toMatch(/DescribeLiveStreamsBlockList +5 +30s +0\.17 +25 +30s +- +bans\n/);
});

test('plans lists of domains at Alibaba for a fleet whose history is older than their values', async () => {
  const planned = async (count: number) => {
    const streams = Array.from(
      { length: count },
      (_, i) => `  - {account: a, domain: play.example.com, app_name: live, stream: s${i}}`,
    );
    const { out } = await plan(`
accounts: [{name: a, provider: alibaba, access_key_id_env: K, access_key_secret_env: K, requests_per_second: {DescribeLiveCenterStreamRateData: 1}}]
streams:
${streams.join('\n')}
`);
    return /DescribeLiveDomainFrameRateAndBitRateData +(\d+) .* (\S+)\n/.exec(out)?.slice(1);
  };

  // The interval of the lists and the age of their values are 7 min together, in which 381 requests are
  // possible.
  expect(await planned(381)).toEqual(['0', '-']);
  expect(await planned(382)).toEqual(['1', 'gauges']);
});

test('plans one request per application for control actions at Tencent, which answers for one at a time', async () => {
  const { out } = await plan(`
accounts: [{name: t, provider: tencent, api3: {secret_id_env: K, secret_key_env: K}, requests_per_second: {DescribeLiveStreamEventList: 0.1}}]
domains:
  - {account: t, domain: one.example.com}
  - {account: t, domain: two.example.com, app_names: [live, show, third]}
`);

  expect(out).toMatch(/DescribeLiveStreamEventList +2 +30s +0\.13 +0\.1 +44s +44s +control actions\n/);
  expect(out).toContain('require 0.13 requests/s of DescribeLiveStreamEventList, but the budget of 0.1');
});

test('plans one request per ingest domain of the config at Alibaba', async () => {
  const ofDomain = (domain: string) =>
    Array.from(
      { length: 100 },
      (_, i) => `  - {account: a, domain: ${domain}, app_name: live, stream: s${i}}`,
    ).join('\n');

  const { out } = await plan(`
accounts: [{name: a, provider: alibaba, access_key_id_env: K, access_key_secret_env: K}]
domains:
  - {account: a, domain: two.example.com, discover: true, push_domains: [in-1.example.com, in-2.example.com]}
streams:
${ofDomain('two.example.com')}
${ofDomain('one.example.com')}
`);

  expect(out).toMatch(/DescribeLiveCenterStreamRateData +200 +5s +60 +25 +14s +14s +counters and gauges\n/);
  expect(out).toMatch(/DescribeLiveCenterStreamRateData +200 +400 +5s +140 +25 +31s +31s /);
});
