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
    out: `account  operation                          targets  configured interval  required requests/s  budget requests/s  effective interval
tencent  Get_LivePushStatHistory                  2                   5s                  0.4                 20                  5s
slow     Get_LivePushStatHistory                  1                  10s                  0.1                 20                 10s
aliyun   DescribeLiveStreamsControlHistory        2               30s-1m                 0.05                 25                  1m
unused   DescribeLiveStreamsControlHistory        0                    -                    0                 25                   -
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
  ).toBe(`account  operation                targets  configured interval  required requests/s  budget requests/s  effective interval
t        Get_LivePushStatHistory     2000                   5s                  400                 20               1m50s
warning: account t: the configured intervals require 400 requests/s of Get_LivePushStatHistory, but the budget is 20 requests/s, so each target is polled every 1m50s. No data is lost, but gauges change later, and livestream_push_up becomes absent (unknown) after three such intervals without a response. To avoid this, raise requests_per_second or the intervals.
`);
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
