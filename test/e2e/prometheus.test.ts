import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { exporterEnvironment, toExporterConfig } from '../../src/simulator/exporter-config.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { startTestApp } from '../support/app.ts';
import { startFront } from '../support/front.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { promtoolSays } from '../support/promtool.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';

const scenario = scenarioOf(`
name: scraped
account: {app_id: 1234, key: the-key}
provider: {delay: 1s}
streams: [{name: news, fps: 25}, {name: 'say"hi"\\', fps: 30}]
`);

describeWithTool('prometheus', 'a real Prometheus', () => {
  test('scrapes OpenMetrics directly, and text through a proxy that removes Accept, without a warning', {
    timeout: 60_000,
  }, async () => {
    await using simulator = await startSimulator({ scenario, clock: systemClock });
    await using daemon = await startTestApp(config(simulator.endpoint), { STAT_KEY: 'the-key' }, systemClock);
    daemon.app.run();
    await using front = await startFront(['accept']);
    const url = daemon.app.addresses[0]?.url ?? '';
    front.target = url;
    await using prometheus = await startPrometheus(`
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - {job_name: openmetrics, static_configs: [{targets: ["${new URL(url).host}"]}]}
  - {job_name: text, static_configs: [{targets: ["${front.address}"]}]}
`);

    const counted = await waitFor('both to have the counters', async () => {
      const series = await prometheus.query('livestream_push_samples_total > 0');
      return series.length === 4 ? series : undefined;
    });
    await sleep(3000);

    expect(counted.map(({ metric: { job, stream } }) => [job, stream]).sort()).toEqual([
      ['openmetrics', 'news'],
      ['openmetrics', 'say"hi"\\'],
      ['text', 'news'],
      ['text', 'say"hi"\\'],
    ]);
    // A scrape can take too long on a busy machine: then the series are stale until the next one.
    expect(await prometheus.query('max_over_time(up[1m])')).toMatchObject([{ value: 1 }, { value: 1 }]);
    const fps = await waitFor('both to have the gauge', async () => {
      const series = await prometheus.query('livestream_push_fps{stream="news"}');
      return series.length === 2 ? series : undefined;
    });
    expect(fps.map(({ metric: { job, client_ip } }) => [job, client_ip]).sort()).toEqual([
      ['openmetrics', '192.0.2.1'],
      ['text', '192.0.2.1'],
    ]);
    expect(prometheus.warnings()).toEqual([]);
    expect(promtoolSays(await daemon.scrape())).toBeUndefined();
  });

  test('sees the first forbid of a stream as an increase of one, unlike that of a naive exporter', {
    timeout: 90_000,
  }, async () => {
    const story = scenarioOf(`
name: forbid
alibaba: {delay: 1s}
domains: [{name: play.example.com, story: [{at: 10s, stream: news, action: forbid}]}]
`);
    await using simulator = await startSimulator({ scenario: story, clock: systemClock });
    const { world } = simulator;
    const yaml = toExporterConfig(world, simulator.endpoint).replace('interval: 10s', 'interval: 1s');
    await using daemon = await startTestApp(yaml, exporterEnvironment(story), systemClock);
    daemon.app.run();
    // A naive exporter creates a series at its first event, so increase() misses the event.
    const naive = createServer((_, response) => {
      const [forbid] = world.truthOfActions('play.example.com', world.startedAt, Date.now() - 2000);
      response.end(
        `# TYPE naive_total counter\n${forbid === undefined ? '' : `naive_total ${forbid.actions}\n`}`,
      );
    });
    naive.listen(0, '127.0.0.1');
    await once(naive, 'listening');
    const bound = naive.address();
    const naivePort = typeof bound === 'object' ? bound?.port : 0;
    await using prometheus = await startPrometheus(`
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - {job_name: livestream, static_configs: [{targets: ["${new URL(daemon.app.addresses[0]?.url ?? '').host}"]}]}
  - {job_name: naive, metrics_path: /, static_configs: [{targets: ["127.0.0.1:${naivePort}"]}]}
`);

    const counter = 'livestream_control_actions_total{stream="news",action="forbid"}';
    await waitFor(
      'both counters to be 1',
      async () => {
        const counted = [
          ...(await prometheus.query(`${counter} == 1`)),
          ...(await prometheus.query('naive_total == 1')),
        ];
        return counted.length === 2 ? true : undefined;
      },
      40_000,
    );
    await sleep(3000);

    const [first] = await prometheus.query(`increase(${counter}[1m])`);
    expect(first?.value).toBeGreaterThanOrEqual(0.9);
    const [missed] = await waitFor('two samples of the naive counter', async () => {
      const series = await prometheus.query('increase(naive_total[1m])');
      return series.length > 0 ? series : undefined;
    });
    expect(missed?.value).toBe(0);
    const [forbidden] = await waitFor('the gauge', async () => {
      const series = await prometheus.query('livestream_control_forbidden{stream="news"}');
      return series.length > 0 ? series : undefined;
    });
    expect(forbidden?.value).toBe(1);
    naive.close();
  });
});

function config(endpoint: string): string {
  return `
accounts: [{name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${endpoint}"}}]
streams: [{account: t, stream: news}, {account: t, stream: 'say"hi"\\'}]
`;
}
