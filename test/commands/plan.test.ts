import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runPlan } from '../../src/commands/plan.ts';

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
    out: `account  operation                          targets  configured interval  required requests/s  budget requests/s  effective interval  catch-up after 1h
tencent  Get_LivePushStatHistory                  2                   5s                  0.4                 20                  5s                 1s
slow     Get_LivePushStatHistory                  1                  10s                  0.1                 20                 10s                 1s
aliyun   DescribeLiveStreamsControlHistory        2               30s-1m                 0.05                 25                  1m                 1s
aliyun   DescribeLiveCenterStreamRateData         0                    -                    0                 25                   -                  -
aliyun   DescribeLiveStreamsOnlineList            0                    -                    0                 80                   -                  -
unused   DescribeLiveStreamsControlHistory        0                    -                    0                 25                   -                  -
unused   DescribeLiveCenterStreamRateData         0                    -                    0                 25                   -                  -
unused   DescribeLiveStreamsOnlineList            0                    -                    0                 80                   -                  -
`,
    err: '',
  });
});

test('warns with the effective interval if the intervals exceed the budget', async () => {
  const streams = Array.from({ length: 2000 }, (_, i) => `  - {account: t, stream: s${i}}`).join('\n');

  const { code, out } = await plan(`
accounts: [{name: t, provider: tencent, statcgi: {app_id: 1, key_env: K}}]
streams:
${streams}
`);

  expect(code).toBe(0);
  expect(
    out,
  ).toBe(`account  operation                targets  configured interval  required requests/s  budget requests/s  effective interval  catch-up after 1h
t        Get_LivePushStatHistory     2000                   5s                  400                 20               1m50s              1m50s
warning: account t: the configured intervals require 400 requests/s of Get_LivePushStatHistory, but the budget is 20 requests/s, so each target is polled every 1m50s. No data is lost, but gauges change later, and livestream_push_up becomes absent (unknown) after three such intervals without a response. To avoid this, raise requests_per_second or the intervals.
`);
});

test('warns if the budget is so small that data is lost', async () => {
  const streams = Array.from({ length: 500 }, (_, i) => `  - {account: t, stream: s${i}}`).join('\n');

  const { code, out } = await plan(`
accounts:
  - {name: t, provider: tencent, statcgi: {app_id: 1, key_env: K}, requests_per_second: {Get_LivePushStatHistory: 0.05}}
streams:
${streams}
`);

  expect(code).toBe(0);
  expect(out).toMatch(/ 3h3m20s +never\n/);
  expect(out.split('\n')[2]).toBe(
    'warning: account t: the budget of 0.05 requests/s of Get_LivePushStatHistory is too small for 500 targets: each target is polled every 3h3m20s, but one request covers less time than that. The exporter falls behind until the provider no longer retains the data, which is then lost. Raise requests_per_second or remove targets.',
  );
});

test('warns if the budget is so small that the targets never catch up after an outage', async () => {
  const streams = Array.from({ length: 500 }, (_, i) => `  - {account: t, stream: s${i}}`).join('\n');

  const { out } = await plan(`
accounts:
  - {name: t, provider: tencent, statcgi: {app_id: 1, key_env: K}, requests_per_second: {Get_LivePushStatHistory: 0.08}}
streams:
${streams}
`);

  expect(out).toMatch(/ 1h54m35s +never\n/);
  expect(out.split('\n')[2]).toBe(
    'warning: account t: the budget of 0.08 requests/s of Get_LivePushStatHistory suffices for 500 targets only without an outage: each target is polled every 1h54m35s. After an outage of an hour, the targets never catch up and fall behind until the provider no longer retains the data, which is then lost. Raise requests_per_second or remove targets.',
  );
});

test('rejects an invalid config with the position of the error', async () => {
  expect(await plan('accounts: []\n')).toEqual({
    code: 2,
    out: '',
    err: 'FILE:1:11: accounts: expected at least one item\n',
  });
});

async function plan(yaml: string) {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-plan-'));
  const file = join(directory, 'config.yaml');
  writeFileSync(file, yaml);
  let out = '';
  let err = '';
  const code = await runPlan(file, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text.replaceAll(file, 'FILE');
    },
  });
  rmSync(directory, { recursive: true });
  return { code, out, err };
}

test('prints how many streams the budget can poll if they are discovered', async () => {
  const { code, out } = await plan(`
accounts:
  - {name: t, provider: tencent, api3: {secret_id_env: K, secret_key_env: K}}
streams: [{account: t, domain: push.example.com, app_name: show, stream: a}]
domains:
  - {account: t, domain: push.example.com, discover: true, app_names: [live, show]}
  - {account: t, domain: two.example.com, discover: true, discover_interval: 1m, push_stats: {interval: 10s}}
limits: {max_streams: 2000}
`);

  expect(code).toBe(0);
  expect(
    out,
  ).toBe(`account  operation                     targets  configured interval  required requests/s  budget requests/s  effective interval  catch-up after 1h
t        DescribeStreamPushInfoList          1                   5s                  0.2                 20                  5s                 1s
t        DescribeLiveStreamOnlineList        3               15s-1m                 0.15                 40                  1m                  -
account t: the number of discovered streams is unknown before the start. With 20 requests/s of DescribeStreamPushInfoList, it can poll 181 streams every 10s, 1810 streams every 1m40s, 2000 streams every 1m50s, of which 1 is in the config.
`);
});
