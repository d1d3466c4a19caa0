import { expect, test } from 'vitest';
import { annotationsOf, labelsOf } from '../../src/alerting/posted-alerts.ts';
import { toRuleFile } from '../../src/alerting/rule-file.ts';
import { createRules } from '../../src/alerting/rules.ts';
import { type PostedAlertName, postedAlertNames } from '../../src/model/stream-alert.ts';
import { streamId } from '../support/samples.ts';
import { describeWithTool } from '../support/tools.ts';
import { runTestFiles } from './promtool.ts';
import { series, streamSeries } from './series.ts';

/** Series of the stream in the alert, with which its rule fires at 120 s. */
const firing: Readonly<Record<PostedAlertName, Readonly<Record<string, string>>>> = {
  LivestreamPushFpsLow: streamSeries({
    steps: 30,
    differ: { 'degraded_seconds_total condition="low_fps"': '0+5x30' },
  }),
  LivestreamPushVideoStalled: streamSeries({
    steps: 30,
    differ: { 'degraded_seconds_total condition="no_video"': '0+5x30' },
  }),
  LivestreamPushMissing: streamSeries({
    steps: 30,
    differ: { up: '0x30', observed_seconds_total: '0x30', frames_total: '0x30' },
  }),
  LivestreamForbidden: {
    ...streamSeries({ steps: 30 }),
    ...series(
      'livestream_control_forbidden',
      'account="a", provider="tencent", domain="push.example.com", app_name="live", stream="news"',
      '1x30',
    ),
  },
};

/** Alerts whose description contains no value, so that it is the same. */
const sameDescription: readonly PostedAlertName[] = ['LivestreamPushMissing', 'LivestreamForbidden'];

describeWithTool('promtool', 'a posted alert', () => {
  test.each(postedAlertNames)('%s has exactly the labels of its rule, and its texts', (name) => {
    const rules = createRules({
      scrapeMs: 5_000,
      job: 'livestream-exporter',
      labels: ['team', 'other'],
      objective: 0.99,
      paces: [],
    });
    const alert = {
      name,
      stream: streamId({ account: 'a', provider: 'tencent', stream: 'news' }),
      labels: { team: 'blue' },
      since: 0,
      minFramesPerSecond: 20,
    };
    const { alertname: _, ...exp_labels } = labelsOf(alert);
    const posted = annotationsOf(alert, { language: 'en', runbookBase: 'https://r/' });
    const description = sameDescription.includes(name) ? posted.description : ruleDescription(rules, name);

    const file = {
      evaluation_interval: '5s',
      tests: [
        {
          interval: '5s',
          input_series: Object.entries(firing[name]).map(([key, values]) => ({ series: key, values })),
          alert_rule_test: [
            {
              eval_time: '120s',
              alertname: name,
              exp_alerts: [{ exp_labels, exp_annotations: { ...posted, description } }],
            },
          ],
        },
      ],
    };
    const text = toRuleFile(rules, { language: 'en', runbookBase: 'https://r/', header: '' });

    expect(() => runTestFiles(text, [file])).not.toThrow();
    expect(exp_labels).toMatchObject({ stream: 'news', team: 'blue' });
  });
});

/** Returns the description of a rule for the stream. Its value is the whole window. */
function ruleDescription(rules: ReturnType<typeof createRules>, name: PostedAlertName): string {
  const rule = rules.flatMap((group) => group.rules).find((each) => 'alert' in each && each.alert === name);
  if (rule === undefined || !('alert' in rule)) throw new Error(`no rule ${name}`);
  const labels: Readonly<Record<string, string>> = {
    account: 'a',
    provider: 'tencent',
    domain: 'push.example.com',
    app_name: 'live',
    stream: 'news',
  };
  return rule.description.en
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label) => labels[label] ?? '')
    .replace('{{ $value | humanizePercentage }}', '100%')
    .replace('{{ $value | humanizeDuration }}', '30s');
}
