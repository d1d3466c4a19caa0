import { expect, test } from 'vitest';
import { toRuleFile } from '../../src/alerting/rule-file.ts';
import { createRules } from '../../src/alerting/rules.ts';
import { postedAlertNames } from '../../src/model/stream-alert.ts';
import { playAlerts } from '../support/alert-run.ts';
import { describeWithTool } from '../support/tools.ts';
import { type RuleCase, runCases, runTestFiles } from './promtool.ts';
import { news, streamSeries, values } from './series.ts';

/** Seconds between two polls, and between two scrapes. */
const step = 5;
/** Begin of the first break in seconds, and the time between two begins. */
const first = 300;
const period = 120;
/** Time in seconds from which on there are no breaks any more. */
const last = 780;
const seconds = 1320;
const steps = seconds / step;

/** Truth of a stream with breaks of some seconds. After the last break, it is pushed, or has ended. */
interface Broken {
  readonly breakSeconds: number;
  readonly end: 'pushed' | 'ended';
}

function isPushed({ breakSeconds, end }: Broken, at: number): boolean {
  if (at >= last) return end === 'pushed';
  return at < first || (at - first) % period >= breakSeconds;
}

/** Returns the rules about streams. The others, with windows of hours, would take most of the time. */
const rulesOf = (isPosting: boolean) =>
  toRuleFile(
    createRules({
      isPosting,
      scrapeMs: step * 1000,
      job: 'livestream-exporter',
      labels: ['team'],
      objective: 0.99,
      paces: [{ account: 'a', intervalMs: step * 1000, staleAfterMs: 30_000 }],
    }).filter(({ name }) => name === 'livestream-streams' || name === 'livestream-states'),
    { language: 'en', runbookBase: undefined, header: '' },
  );

/** Plays the truth with the exporter: the alerts that it posts, and its series in Prometheus. */
async function play(broken: Broken) {
  const sampleAt = (at: number) => (isPushed(broken, at) ? {} : undefined);
  // The other stream shows that the account does not lag.
  const { changes, shown } = await playAlerts({ streams: [{ sampleAt }, {}], seconds });
  const ups = new Map(shown[0]);
  const observed = values(steps, (i) => {
    const samples = Array.from({ length: i }, (_, j) => Number(isPushed(broken, j * step)));
    return step * samples.reduce((sum, each) => sum + each, 0);
  });
  const series = streamSeries({
    steps,
    differ: {
      up: values(steps, (i) => Number(ups.get(i * step) === 'up')),
      observed_seconds_total: observed,
    },
  });
  return { posted: changes.filter(([, change]) => change.endsWith('fires')), series };
}

/** Runs a case with the rules of both modes. Those for an exporter that posts lack the posted alerts. */
function runInBothModes(one: Omit<RuleCase, 'interval'>): void {
  const isRule = (alert: string) => !postedAlertNames.some((name) => alert.split(' ')[0] === name);
  const firing = Object.entries(one.firing).map(([time, alerts]) => [time, alerts.filter(isRule)]);
  runCases(rulesOf(false), [{ ...one, interval: `${step}s` }]);
  runCases(rulesOf(true), [{ ...one, interval: `${step}s`, firing: Object.fromEntries(firing) }]);
}

const flapping = `LivestreamPushFlapping ${news}`;
const missing = `LivestreamPushMissing ${news}`;

describeWithTool('promtool', 'breaks in which the stream is not pushed for a moment', () => {
  test('are one alert of the rules, and only the first break is posted', async () => {
    const { posted, series } = await play({ breakSeconds: 40, end: 'pushed' });

    expect(posted).toEqual([[340, 's0 Missing fires', 295]]);
    const during = Object.fromEntries([700, 1000, 1300].map((at) => [`${at}s`, [flapping]]));
    expect(() =>
      runInBothModes({
        name: 'at any time',
        series,
        within: '5m',
        firing: { '400s': [], ...during },
      }),
    ).not.toThrow();
  });

  test('are missing in both modes if they take as long as the rule waits', async () => {
    const { posted, series } = await play({ breakSeconds: 80, end: 'pushed' });

    expect(posted).toEqual([
      [340, 's0 Missing fires', 295],
      [490, 's0 Missing fires', 415],
      [610, 's0 Missing fires', 535],
      [730, 's0 Missing fires', 655],
    ]);
    expect(() =>
      runInBothModes({ name: 'at any time', series, within: '20m', firing: { '1300s': [missing] } }),
    ).not.toThrow();
  });

  test.each([false, true])(
    'end as a missing stream on the dashboards; the exporter posts the alerts: %s',
    async (isPosting) => {
      const { posted, series } = await play({ breakSeconds: 40, end: 'ended' });

      expect(posted.slice(1)).toEqual([[850, 's0 Missing fires', 775]]);
      expect(() => checkStates(isPosting, series, { 705: 2.5, 825: 2.5, 870: 4 })).not.toThrow();
    },
  );

  test.each([false, true])(
    'end with the expected hours on the dashboards; the exporter posts the alerts: %s',
    async (isPosting) => {
      const { series } = await play({ breakSeconds: 40, end: 'ended' });
      const isExpected = values(steps, (i) => Number(i * step < last));
      const expected = Object.keys(series).filter((key) => key.startsWith('livestream_push_expected{'));
      const changed = { ...series, ...Object.fromEntries(expected.map((key) => [key, isExpected])) };

      expect(expected).toHaveLength(1);
      // The last sample is stale 45 s after it.
      expect(() => checkStates(isPosting, changed, { 705: 2.5, 840: 0 })).not.toThrow();
    },
  );
});

/** Checks the recorded state of the stream at some times in seconds. */
function checkStates(
  isPosting: boolean,
  series: RuleCase['series'],
  states: Readonly<Record<number, number>>,
): void {
  const record = 'stream:livestream_push_state:max';
  const labels = `${record}{account="a", app_name="live", domain="push.example.com", provider="tencent", stream="news"}`;
  const tests = [
    {
      interval: `${step}s`,
      input_series: Object.entries(series).map(([key, own]) => ({ series: key, values: own })),
      promql_expr_test: Object.entries(states).map(([at, value]) => ({
        expr: record,
        eval_time: `${at}s`,
        exp_samples: [{ labels, value }],
      })),
    },
  ];
  runTestFiles(rulesOf(isPosting), [{ evaluation_interval: `${step}s`, tests }]);
}
