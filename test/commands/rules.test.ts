import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseInvocation } from '../../src/commands/flags.ts';
import { runRules } from '../../src/commands/rules.ts';
import { postedAlertNames } from '../../src/model/stream-alert.ts';

interface Rule {
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const config = `
accounts:
  - {name: fast, provider: tencent, statcgi: {app_id: 1, key_env: K}}
  - {name: "slow.1", provider: tencent, statcgi: {app_id: 2, key_env: K}, push_stats: {interval: 2m, lookback: 2m}}
streams:
  - {account: fast, stream: a, labels: {team: red}}
  - {account: slow.1, stream: b, labels: {city: Ulm}}
`;

test('prints rules with windows and labels that fit the config', async () => {
  const { code, out } = await rules(config);
  const { groups } = parse(out) as { groups: readonly { name: string; rules: readonly Rule[] }[] };
  const exprs = (name: string) =>
    groups
      .filter((group) => group.name === name)
      .flatMap((group) => group.rules.map(({ expr }) => expr))
      .join('\n');

  expect(code).toBe(0);
  expect(groups.map(({ name }) => name)).toEqual([
    'livestream-streams',
    'livestream-streams-2m',
    'livestream-states',
    'livestream-accounts',
    'livestream-exporter',
    'livestream-slo',
    'livestream-gaps',
  ]);
  expect(exprs('livestream-streams')).toContain('livestream_push_frames_total{account!~"slow\\\\.1"}[30s]');
  expect(exprs('livestream-streams-2m')).toContain('livestream_push_frames_total{account=~"slow\\\\.1"}[8m]');
  expect(exprs('livestream-streams')).toContain('group_left (city, team)');
  expect(exprs('livestream-states')).toContain(
    'livestream_push_bad_seconds_total{account!~"slow\\\\.1"}[2m]',
  );
  expect(exprs('livestream-states')).toContain(
    'livestream_push_bad_seconds_total{account=~"slow\\\\.1"}[4m]',
  );
});

test('prints only limits of the error budget that a stream can exceed', async () => {
  const { out } = await rules(config, '--objective=94%');
  const { groups } = parse(out) as { groups: readonly { rules: readonly Rule[] }[] };
  const burns = groups.flatMap((group) =>
    group.rules.filter(({ alert }) => alert?.startsWith('LivestreamPushBudgetBurn')),
  );
  const limits = burns.map(({ expr }) =>
    [...expr.matchAll(/\) > (0\.\d+)/g)].map(([, limit]) => Number(limit)),
  );

  // All of the time of a stream can be bad, and not more.
  expect(limits).toEqual([
    [0.864, 0.864],
    [0.36, 0.36],
  ]);
});

test('has longer windows for accounts that discover many streams', async () => {
  const discovering = `
accounts: [{name: t, provider: tencent, api3: {secret_id_env: K, secret_key_env: K}}]
domains: [{account: t, domain: push.example.com, discover: true}]
`;
  const windowOf = (out: string) => /livestream_push_frames_total\[(\w+)\]/.exec(out)?.[1];

  expect(windowOf((await rules(discovering)).out)).toBe('30s');
  expect(windowOf((await rules(discovering, '--streams=200')).out)).toBe('1m');
  expect(windowOf((await rules(discovering, '--streams=5000')).out)).toBe('20m');
});

test('omits the alerts that the exporter posts by itself', async () => {
  const posting = `${config}alertmanager: {urls: ["http://am:9093"]}\n`;
  const names = (out: string) =>
    (parse(out) as { groups: readonly { rules: readonly Rule[] }[] }).groups.flatMap((group) =>
      group.rules.flatMap(({ alert }) => alert ?? []),
    );
  const all = new Set(names((await rules(config)).out));

  const { out } = await rules(posting);

  expect([...all.difference(new Set(names(out)))].sort()).toEqual([...postedAlertNames].sort());
  expect(out).not.toContain('ALERTS{alertname="LivestreamPushMissing"');
});

test('prints them in Chinese, with runbooks, for the job and the scrape interval of the flags', async () => {
  const { out } = await rules(
    config,
    '--lang=zh',
    '--runbook-base=https://wiki.example.com/live',
    '--job=cdn',
  );
  const all = (parse(out) as { groups: readonly { rules: readonly Rule[] }[] }).groups.flatMap(
    (each) => each.rules,
  );
  const down = all.find(({ alert }) => alert === 'LivestreamExporterDown');

  expect(down?.expr).toBe('max by (job) (up{job="cdn"}) == 0');
  expect(down?.annotations?.summary).toBe('Prometheus 无法抓取任何 livestream-exporter。');
  expect(down?.annotations?.runbook_url).toBe(
    'https://wiki.example.com/live/zh-CN/LivestreamExporterDown.md',
  );
});

test('prints a resource of the Prometheus operator', async () => {
  const { out } = await rules(config, '--format=prometheusrule');
  const resource = parse(out) as { kind: string; spec: { groups: readonly unknown[] } };

  expect([resource.kind, resource.spec.groups.length]).toEqual(['PrometheusRule', 7]);
});

test('prints the problems of an invalid config', async () => {
  const { code, out, err } = await rules('accounts: []');

  expect([code, out]).toEqual([2, '']);
  expect(err).toContain('accounts');
});

async function rules(yaml: string, ...flags: readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-rules-'));
  try {
    const file = join(directory, 'live.yaml');
    writeFileSync(file, yaml);
    const invocation = parseInvocation(['rules', file, ...flags]);
    if (invocation.command !== 'rules') throw new Error(JSON.stringify(invocation));
    let [out, err] = ['', ''];
    const code = await runRules(file, invocation.rules, {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    });
    return { code, out, err };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
