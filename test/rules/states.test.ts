import { expect, test } from 'vitest';
import { toRuleFile } from '../../src/alerting/rule-file.ts';
import { createRules } from '../../src/alerting/rules.ts';
import { describeWithTool } from '../support/tools.ts';
import { runTestFiles } from './promtool.ts';
import { streamSeries, values } from './series.ts';

const stepSeconds = 5;
const steps = 360;
/** First step of the breaks: ten seconds on, twenty seconds off. */
const firstBreak = 120;
const lastSample = 595;
const isOn = (step: number) => step < firstBreak || (step - firstBreak) % 6 >= 4;

const rules = toRuleFile(
  createRules({
    scrapeMs: 5_000,
    job: 'livestream-exporter',
    labels: [],
    objective: 0.99,
    paces: [{ account: 'a', intervalMs: 5_000, staleAfterMs: 30_000 }],
  }),
  { language: 'en', runbookBase: undefined, header: '' },
);

/** Number of steps up to a step in which there are samples. */
function onUpTo(step: number): number {
  return Array.from({ length: step }, (_, i) => Number(isOn(i + 1))).reduce((sum, one) => sum + one, 0);
}

const input = Object.entries({
  ...streamSeries({
    steps,
    differ: {
      up: values(steps, (step) => Number(isOn(step))),
      observed_seconds_total: values(steps, (step) => stepSeconds * onUpTo(step)),
    },
  }),
  ...streamSeries({ stream: 'steady', steps }),
}).map(([series, own]) => ({ series, values: own }));

/** Checks a recorded series of the stream at some times in seconds; undefined: it has no series. */
function check(record: string, expected: Readonly<Record<number, number | undefined>>): void {
  const labels = 'account="a", app_name="live", domain="push.example.com", provider="tencent", stream="news"';
  runTestFiles(rules, [
    {
      evaluation_interval: '5s',
      tests: [
        {
          interval: '5s',
          input_series: input,
          promql_expr_test: Object.entries(expected).map(([seconds, value]) => ({
            expr: `${record}{stream="news"}`,
            eval_time: `${seconds}s`,
            exp_samples: value === undefined ? [] : [{ labels: `${record}{${labels}}`, value }],
          })),
        },
        {
          interval: '5s',
          input_series: input,
          promql_expr_test: [60, 600, 900, 1500].map((seconds) => ({
            expr: `stream:livestream_push_breaks_since_timestamp_seconds:max{stream="steady"}`,
            eval_time: `${seconds}s`,
            exp_samples: [],
          })),
        },
      ],
    },
  ]);
}

describeWithTool('promtool', 'the recorded state of a stream', () => {
  test('is missing in the first break, and interrupted in later ones', () => {
    const up = 600;
    const inFirstBreak = 615;
    const inLaterBreak = 1335;
    const afterLaterBreak = 1345;
    expect(() =>
      check('stream:livestream_push_state:max', {
        [up - 100]: 1,
        [inFirstBreak]: 4,
        [inLaterBreak]: 2.5,
        [afterLaterBreak]: 2.5,
      }),
    ).not.toThrow();
  });

  test('has breaks since the last sample before the first one, long before the alert of a stream that flaps', () => {
    expect(() =>
      check('stream:livestream_push_breaks_since_timestamp_seconds:max', {
        30: undefined,
        595: undefined,
        640: lastSample,
        900: lastSample,
        1500: lastSample,
      }),
    ).not.toThrow();
  });
});
