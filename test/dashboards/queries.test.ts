import { expect, test } from 'vitest';
import { dashboards } from '../../dashboards/dashboards.ts';
import { startDaemon } from '../support/daemon.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';
import { queriesOf, variablesOf } from './panels.ts';

/** Values that Grafana substitutes for the variables if nothing is selected. */
const values: Readonly<Record<string, string>> = {
  __rate_interval: '20s',
  __range: '1m',
  account: '.*',
  provider: '.*',
  domain: '.*',
  stream: '.*',
};

describeWithTool('prometheus', 'Prometheus scraping the demo', () => {
  test('returns series for every query and every variable of the dashboards', {
    timeout: 120_000,
  }, async () => {
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
        'frames to be counted and control history to be read',
        async () => {
          const [frames] = await prometheus.query('count(rate(livestream_push_frames_total[20s]) > 0) >= 5');
          const [forbidden] = await prometheus.query('livestream_control_forbidden');
          return frames && forbidden;
        },
        60_000,
      );

      const empty: string[] = [];
      for (const { title, expr } of dashboards.flatMap(queriesOf)) {
        const series = await prometheus.query(substitute(expr));
        // Without rules there are no ALERTS series.
        if (series.length === 0 && !expr.startsWith('ALERTS')) empty.push(`${title}: ${expr}`);
      }
      expect(empty).toEqual([]);

      for (const { name, definition = '' } of dashboards.flatMap(variablesOf).slice(1)) {
        const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? [];
        const series = await prometheus.query(`count by (${label}) (${substitute(selector)})`);
        expect([name, series.length]).toEqual([name, expect.toSatisfy((count: number) => count > 0)]);
      }
    } finally {
      await daemon.end('SIGTERM');
    }
  });
});

function substitute(expression: string): string {
  return expression.replaceAll(/\$(\w+)/g, (_variable, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`unknown variable $${name}`);
    return value;
  });
}
