import { expect, test } from 'vitest';
import { toRuleFile } from '../../src/alerting/rule-file.ts';
import { createRules } from '../../src/alerting/rules.ts';
import { describeWithTool } from '../support/tools.ts';
import { account, recordHealthyHours } from './healthy-hours.ts';
import { runCases } from './promtool.ts';

/**
 * The rule that an operator would write with the gauge, without any `for` or mean that could hide the freeze.
 */
const gaugeRule = `
  - name: gauge
    rules:
      - alert: LivestreamGaugeStalled
        expr: min by (account, stream) (min_over_time(livestream_push_fps[5m])) == 0
`;

const exact = `LivestreamPushVideoStalled account=${account} stream=s1-0`;
const gauge = `LivestreamGaugeStalled account=${account} stream=s1-0`;

describeWithTool('promtool', 'a freeze of 10 s', () => {
  test.each([
    {
      name: 'at a scrape interval of 5 s is found by counter and gauge',
      interval: '5s',
      ms: 5_000,
      found: [exact, gauge],
    },
    {
      name: 'at a scrape interval of 60 s is found by the counter only',
      interval: '1m',
      ms: 60_000,
      found: [exact],
    },
  ])('$name', { timeout: 60_000 }, async ({ interval, ms, found }) => {
    const bad = 'story: [{at: 20m10s, for: 10s, fps: 0}]';
    const series = await recordHealthyHours({ streams: 1, hours: 0.5, seed: 1, bad, scrapesMs: ms });
    const rules = toRuleFile(
      createRules({
        scrapeMs: ms,
        job: 'livestream-exporter',
        labels: [],
        objective: 0.99,
        paces: [{ account, intervalMs: 5_000, staleAfterMs: 30_000 }],
      }),
      { language: 'en', runbookBase: undefined, header: '' },
    );

    expect(() =>
      runCases(`${rules}${gaugeRule}`, [
        { name: 'freeze', interval, series, within: '9m', firing: { '20m': [], '29m': found } },
      ]),
    ).not.toThrow();
  });
});
