import { expect, test } from 'vitest';
import { dashboards } from '../../dashboards/dashboards.ts';
import { startDaemon } from '../support/daemon.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';
import { queriesOf, variablesOf } from './panels.ts';

/** What Grafana puts in their place, with nothing chosen. */
const values: Readonly<Record<string, string>> = {
  __rate_interval: '20s',
  __range: '1m',
  account: '.*',
  provider: '.*',
  domain: '.*',
  stream: '.*',
};

describeWithTool('prometheus', 'a Prometheus that scrapes the demo', () => {
  test('answers every query of the dashboards, and has something to show', { timeout: 120_000 }, async () => {
    const daemon = startDaemon(['demo', '--web.listen-address=127.0.0.1:0']);
    try {
      const { host } = new URL(await daemon.url());
      await using prometheus = await startPrometheus(`
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: livestream-exporter
    static_configs: [{targets: ["${host}"]}]
`);
      await waitFor(
        'frames to be counted, and the history of control actions to be read',
        async () => {
          const [frames] = await prometheus.query('count(rate(livestream_push_frames_total[20s]) > 0) >= 5');
          const [forbidden] = await prometheus.query('livestream_control_forbidden');
          return frames && forbidden;
        },
        60_000,
      );

      const silent: string[] = [];
      for (const { title, expr } of dashboards.flatMap(queriesOf)) {
        const series = await prometheus.query(filledIn(expr));
        // Nothing fires without rules.
        if (series.length === 0 && !expr.startsWith('ALERTS')) silent.push(`${title}: ${expr}`);
      }
      expect(silent).toEqual([]);

      for (const { name, definition = '' } of dashboards.flatMap(variablesOf).slice(1)) {
        const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? [];
        const series = await prometheus.query(`count by (${label}) (${filledIn(selector)})`);
        expect([name, series.length]).toEqual([name, expect.toSatisfy((count: number) => count > 0)]);
      }
    } finally {
      await daemon.end('SIGTERM');
    }
  });
});

function filledIn(expression: string): string {
  return expression.replaceAll(/\$(\w+)/g, (_variable, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`$${name} is no variable`);
    return value;
  });
}
