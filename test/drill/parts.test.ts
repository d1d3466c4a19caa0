import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { scenarioOf } from '../support/scenarios.ts';
import type { Notified } from '../support/webhook.ts';
import { consequences, expectedAlerts, scenarios } from './causes.ts';
import { type Episode, judgeEpisodes, toEpisodes } from './episodes.ts';
import { parseFlags } from './flags.ts';
import { isHaPassed, toHaReport } from './ha.ts';
import { healthyScenarios } from './healthy.ts';
import { isPassed, toDrillReport } from './report.ts';
import { scaleRoutes, scaleRules } from './scale.ts';

const config = join(import.meta.dirname, '..', '..', 'config');
const read = (file: string) => readFileSync(join(config, file), 'utf8');

test('divides long durations, but leaves at least 30 s, and no threshold', () => {
  const rules = `
groups:
  - name: g
    interval: 1m
    rules:
      - {alert: A, expr: 'increase(x[30s]) > 600 and y offset 3h and z[1h]', for: 30s, keep_firing_for: 10m}
      - {record: r, expr: 'rate(x[5m]) > 300'}
`;

  expect(parse(scaleRules(rules, 30))).toEqual({
    groups: [
      {
        name: 'g',
        interval: '5s',
        rules: [
          {
            alert: 'A',
            expr: 'increase(x[30s]) > 600 and y offset 6m and z[2m]',
            for: '30s',
            keep_firing_for: '30s',
          },
          { record: 'r', expr: 'rate(x[30s]) > 300' },
        ],
      },
    ],
  });
  expect(scaleRules(rules, 1)).toBe(rules);
});

test('divides the waits of the shipped routes, and notifies at any hour', () => {
  // Shape: config/alertmanager.yml.
  const { route, time_intervals } = parse(scaleRoutes(read('alertmanager.yml'), 30, '12s')) as {
    route: { group_wait: string; group_interval: string; routes: { group_wait: string }[] };
    time_intervals: unknown;
  };

  expect([route.group_wait, route.group_interval]).toEqual(['6s', '12s']);
  expect(route.routes.map(({ group_wait }) => group_wait)).toEqual(['0s', '6s']);
  expect(time_intervals).toEqual([{ name: 'working-hours', time_intervals: [{ days_of_month: ['1:31'] }] }]);
});

test('the drill and its last two steps provoke every shipped alert', () => {
  const { groups } = parse(read('rules/livestream.rules.yml')) as {
    groups: { rules: { alert?: string }[] }[];
  };
  const shipped = groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []));
  const provoked = expectedAlerts(0, 'second').map(({ alert }) => alert);

  expect(shipped.length).toBeGreaterThan(25);
  expect([...new Set([...provoked, 'LivestreamExporterDown', 'LivestreamExporterAbsent'])].sort()).toEqual(
    shipped.sort(),
  );
});

test('a consequence belongs to a stream or an account with a cause', () => {
  const all = scenarios.join('\n');

  for (const { labels } of consequences) {
    expect(all).toMatch(new RegExp(`name: "?${labels.stream ?? labels.account}\\b`));
  }
});

const notified = (status: 'firing' | 'resolved', at: number, stream = 's', startsAt = '1'): Notified => ({
  status,
  labels: { alertname: 'A', stream },
  annotations: {},
  startsAt,
  path: '/alerts',
  at,
});

test('notifications of one alert are one episode; the same labels with another start are another', () => {
  expect(
    toEpisodes([
      notified('firing', 10),
      notified('firing', 20),
      notified('resolved', 30),
      notified('firing', 40, 's', '2'),
    ]).map(({ arrivedAt, resolvedAt, firing, resolved }) => [arrivedAt, resolvedAt, firing, resolved]),
  ).toEqual([
    [10, 30, 2, 1],
    [40, undefined, 1, 0],
  ]);
});

const episode = (stream: string, arrivedAt: number, resolvedAt?: number): Episode => ({
  labels: { alertname: 'A', stream },
  arrivedAt,
  resolvedAt,
  firing: 1,
  resolved: resolvedAt === undefined ? 0 : 1,
});
const expected = { alert: 'A', labels: { stream: 's' }, causeAt: 100, endAt: 200 };

test.each<{ name: string; episodes: Episode[]; problem: string }>([
  { name: 'arrives and ends', episodes: [episode('s', 110, 210)], problem: '' },
  { name: 'is missing', episodes: [], problem: 'not arrived' },
  { name: 'of another stream', episodes: [episode('t', 110, 210)], problem: 'not arrived' },
  { name: 'before its cause', episodes: [episode('s', 90, 210)], problem: 'not arrived' },
  { name: 'does not end', episodes: [episode('s', 110)], problem: 'not resolved' },
  {
    name: 'was inhibited until its end',
    episodes: [{ ...episode('s', 110, 110), firing: 0 }],
    problem: 'not arrived',
  },
  { name: 'ends before its cause does', episodes: [episode('s', 110, 150)], problem: 'resolved too early' },
])('judges an alert that $name', ({ episodes, problem }) => {
  const verdict = judgeEpisodes(episodes, [expected], []);

  expect(verdict.rows.map((row) => row.problem)).toEqual([problem]);
  expect(isPassed(verdict)).toBe(problem === '');
});

test('an alert that nothing provoked, or a second one, fails the drill; a consequence does not', () => {
  const first = episode('s', 110, 210);
  const second = episode('s', 300, 310);
  const other = episode('t', 300);
  const judge = (episodes: readonly Episode[]) =>
    judgeEpisodes(episodes, [expected], [{ alert: 'A', labels: { stream: 't' } }]);

  expect(isPassed(judge([first, other]))).toBe(true);
  expect(judge([first, other]).consequences).toEqual([other]);
  expect(judge([first, second]).unprovoked).toEqual([second]);
  expect(isPassed(judge([first, second]))).toBe(false);
  expect(toDrillReport(judge([first, second]))).toMatch(
    /^alert .*\nA .* 0\.0\n(?:.*\n)*UNPROVOKED:\n {2}A stream=s, firing 1 times, resolved 1 times\n1 alerts expected, 1 .*, 1 unprovoked\n$/,
  );
});

test('with a pair, each cause must be notified once and resolved once, and nothing else', () => {
  const outcome = (firing: number, resolved: number, others: readonly string[] = []) => ({
    runs: [
      { stream: 'run-1', firing: 1, resolved: 1, tookMs: 50_000 },
      { stream: 'run-2', firing, resolved, tookMs: firing === 0 ? undefined : 60_000 },
    ],
    others,
  });

  expect(isHaPassed(outcome(1, 1))).toBe(true);
  for (const [firing, resolved] of [
    [0, 1],
    [2, 1],
    [1, 0],
    [1, 2],
  ] as const) {
    expect(isHaPassed(outcome(firing, resolved))).toBe(false);
  }
  expect(isHaPassed(outcome(1, 1, ['LivestreamClockOff']))).toBe(false);
  expect(toHaReport(outcome(2, 1))).toContain('median 60.0 s, 50.0 to 60.0 s, 2 values\n');
  expect(toHaReport(outcome(0, 0))).toMatch(/^run-2 +0 +0 +-$/m);
  expect(toHaReport(outcome(0, 0))).toContain('median 50.0 s, 50.0 to 50.0 s, 1 values\n');
  expect(toHaReport(outcome(2, 1))).toMatch(
    /2 causes, 1 of them notified once and resolved once; other alerts: none\n$/,
  );
});

test.each([
  {
    args: [],
    flags: { factor: 30, healthyMinutes: undefined, isHa: false, runs: 20, groupInterval: undefined },
  },
  {
    args: ['--ha', '--runs', '5', '--group-interval=10s'],
    flags: { isHa: true, runs: 5, groupInterval: '10s' },
  },
  { args: ['--healthy-minutes', '30'], flags: { healthyMinutes: 30 } },
])('accepts $args', ({ args, flags }) => {
  expect(parseFlags(args)).toMatchObject(flags);
});

test.each([
  { minutes: 16, names: ['steady', 'outage'] },
  { minutes: 240, names: ['steady', 'outage', 'late'] },
])('a healthy run of $minutes minutes has valid scenarios', ({ minutes, names }) => {
  const scenarios = healthyScenarios(0, minutes).map(scenarioOf);

  expect(parseFlags(['--healthy-minutes', String(minutes)])).toMatchObject({ healthyMinutes: minutes });
  expect(scenarios.map(({ name }) => name)).toEqual(names);
});

test.each([
  [['--factor', '0'], '--factor: expected a whole number from 1 to 60, got "0"'],
  [['--healthy-minutes', '15'], '--healthy-minutes: expected a whole number from 16 to 240, got "15"'],
  [['--ha', '--runs', 'x'], '--runs: expected a whole number from 1 to 100, got "x"'],
  [['--group-interval', '10'], '--group-interval: expected a duration such as 10s, got "10"'],
  [['--ha', '--healthy-minutes', '30'], 'use --ha or --healthy-minutes, not both'],
])('rejects %j', (args, problem) => {
  expect(parseFlags(args)).toEqual({ problem });
});
