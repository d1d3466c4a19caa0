import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseInvocation } from '../../src/commands/flags.ts';
import { rulesText } from '../../src/commands/rules.ts';
import { loadConfig } from '../../src/config/load.ts';
import { capabilities } from '../../src/model/capabilities.ts';
import { knownMetrics, metricsIn } from '../support/known-metrics.ts';
import { describeWithTool } from '../support/tools.ts';
import { exporterCases } from './exporter-cases.ts';
import { longCases } from './long-cases.ts';
import { presenceCases } from './presence-cases.ts';
import type { RuleCase } from './promtool.ts';
import { publisherCases } from './publisher-cases.ts';
import { qualityCases } from './quality-cases.ts';

const root = join(import.meta.dirname, '..', '..');
const rulesDirectory = join(root, 'config', 'rules');

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const rules = readdirSync(rulesDirectory)
  .map((file) => readYaml<{ groups: readonly { rules: readonly Rule[] }[] }>(join(rulesDirectory, file)))
  .flatMap(({ groups }) => groups.flatMap((group) => group.rules));
const alerts = rules.filter(({ alert }) => alert !== undefined);

test('the committed rules are those of the example config', () => {
  const file = join(root, 'config', 'livestream-exporter.yaml');
  const loaded = loadConfig(readFileSync(file, 'utf8'), file);
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const invocation = parseInvocation(['rules', file]);
  if (invocation.command !== 'rules') throw new Error('expected the command rules');

  expect(rulesText(loaded.config, invocation.rules)).toBe(
    readFileSync(join(rulesDirectory, 'livestream.rules.yml'), 'utf8'),
  );
});

describe('every rule', () => {
  test('uses only metrics of the exporter', () => {
    const known = knownMetrics();
    const unknown = rules.flatMap(({ expr }) => metricsIn(expr)).filter((name) => !known.has(name));

    expect(rules.length).toBeGreaterThan(8);
    expect(unknown).toEqual([]);
  });

  test('uses only recorded series that another rule records', () => {
    const recorded = new Set(rules.map(({ record }) => record));
    const used = rules.flatMap(({ expr }) => expr.match(/\w+:livestream_\w+:\w+/g) ?? []);

    expect(used.length).toBeGreaterThan(3);
    expect(used.filter((name) => !recorded.has(name))).toEqual([]);
  });
});

describe.each(alerts)('the alert $alert', ({ alert = '', expr, labels, annotations = {} }) => {
  test('has a constant severity as its only label, a constant summary and a description', () => {
    expect(Object.keys(labels ?? {})).toEqual(['severity']);
    expect(['critical', 'warning', 'info', 'none']).toContain(labels?.severity);
    expect(annotations.summary).toMatch(/^[^{}]+\.$/);
    expect(annotations.description).toMatch(/\.$/);
  });

  test('fires in a case, and is quiet at another time of it, unless it always fires', () => {
    const fires = (one: RuleCase) =>
      Object.values(one.firing).map((alerts) => alerts.some((each) => each.split(' ')[0] === alert));
    const found = [...qualityCases, ...presenceCases, ...publisherCases, ...exporterCases, ...longCases]
      .map(fires)
      .filter((each) => each.includes(true));

    expect(expr === 'vector(1)' || found.some((each) => each.includes(false))).toBe(true);
  });
});

test('LivestreamCollectorFailing names every collector', () => {
  const { annotations } = alerts.find(({ alert }) => alert === 'LivestreamCollectorFailing') ?? {};
  // The state of a single stream is a part of forbidden_streams.
  const collectors = new Set(
    capabilities.map(({ question }) => question).filter((name) => name !== 'stream_state'),
  );

  expect([...collectors].filter((name) => !annotations?.description?.includes(name))).toEqual([]);
});

test('every alert name in an inhibition rule exists', () => {
  const { inhibit_rules } = readYaml<{
    inhibit_rules: readonly { source_matchers: readonly string[]; target_matchers: readonly string[] }[];
  }>(join(root, 'config', 'alertmanager.yml'));
  const patterns = inhibit_rules
    .flatMap(({ source_matchers, target_matchers }) => [...source_matchers, ...target_matchers])
    .map((matcher) => /^alertname=~?"(.*)"$/.exec(matcher)?.[1])
    .filter((pattern) => pattern !== undefined);

  expect(patterns.length).toBe(2 * inhibit_rules.length);
  for (const pattern of patterns.flatMap((one) => one.split(/\|(?![^(]*\))/))) {
    const whole = new RegExp(`^(?:${pattern})$`);
    expect([pattern, alerts.some(({ alert = '' }) => whole.test(alert))]).toEqual([pattern, true]);
  }
});

describeWithTool('promtool', 'promtool', () => {
  test('accepts the rules and the Prometheus config', () => {
    expect(run('promtool', ['check', 'rules', ...ruleFiles()])).toMatch(/SUCCESS/);
    expect(run('promtool', ['check', 'config', join(root, 'config', 'prometheus.yml')])).toMatch(
      /1 rule files found/,
    );
  });
});

describeWithTool('amtool', 'amtool', () => {
  test('accepts the Alertmanager config and routes every alert', () => {
    const config = join(root, 'config', 'alertmanager.yml');

    expect(run('amtool', ['check-config', config])).toMatch(/SUCCESS/);
    for (const { alert, labels } of alerts) {
      const route = ['config', 'routes', 'test', `--config.file=${config}`];
      const receiver = { info: 'team', none: 'heartbeat' }[labels?.severity ?? ''] ?? 'on-call';
      expect(run('amtool', [...route, `alertname=${alert}`, `severity=${labels?.severity}`])).toBe(
        `${receiver}\n`,
      );
    }
    expect(run('amtool', ['config', 'routes', 'test', `--config.file=${config}`, 'alertname=Other'])).toBe(
      'on-call\n',
    );
  });
});

function ruleFiles(): readonly string[] {
  return readdirSync(rulesDirectory).map((file) => join(rulesDirectory, file));
}

/** Runs a tool and returns its standard output. Throws with all output if the exit code is not 0. */
function run(tool: string, args: readonly string[]): string {
  return execFileSync(tool, args, { encoding: 'utf8', stdio: 'pipe' });
}

/** Parses a YAML file. The caller asserts the shape; a wrong shape fails the test that uses it. */
function readYaml<T>(file: string): T {
  if (!existsSync(file)) throw new Error(`${file} does not exist`);
  return parse(readFileSync(file, 'utf8')) as T;
}
