import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { exporterEnvironment, toExporterConfig } from '../../src/simulator/exporter-config.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { startDaemon } from '../support/daemon.ts';
import { increases, type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';

/** Scrape intervals in seconds. Both servers have the same scrape timeout. */
const [fastSeconds, slowSeconds] = [1, 15];
/** Time of the first action in seconds. Both servers have scraped by then, also on a busy machine. */
const actedAt = 75;
const streams = 10;
const actions = 'livestream_control_actions_total';

const scenario = scenarioOf(`
name: same-address
alibaba: {delay: 1s}
domains:
  - name: play.example.com
    story:
${Array.from({ length: streams }, (_, i) => `      - {at: ${actedAt + i}s, stream: acted-${i}, action: forbid}`).join('\n')}
`);

describeWithTool('prometheus', 'two Prometheus servers of one version at one address', () => {
  test('both see new counters at 0', { timeout: 240_000 }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'livestream-same-address-'));
    const configFile = join(directory, 'config.yaml');
    await using simulator = await startSimulator({ scenario, clock: systemClock });
    const config = toExporterConfig(simulator.world, simulator.endpoint);
    writeFileSync(configFile, `${config}\n`);
    const daemon = startDaemon(
      [
        `--config.file=${configFile}`,
        `--storage.path=${join(directory, 'data')}`,
        '--web.listen-address=127.0.0.1:0',
      ],
      exporterEnvironment(scenario),
    );
    try {
      const { host } = new URL(await daemon.url());
      await using fast = await startPrometheus(scraping(host, fastSeconds));
      await using slow = await startPrometheus(scraping(host, slowSeconds));

      // Only a known scraper gets to see the 0.
      const hasScraped = async (prometheus: Prometheus) =>
        (await prometheus.query('max_over_time(up[10m]) == 1')).length === 1;
      await waitFor(
        'both servers to scrape',
        async () => ((await hasScraped(fast)) && (await hasScraped(slow)) ? true : undefined),
        actedAt * 1000,
      );
      expect(Date.now()).toBeLessThan(simulator.world.startedAt + actedAt * 1000);

      const hasAll = async (prometheus: Prometheus) =>
        (await prometheus.query(`${actions} > 0`)).length === streams;
      await waitFor(
        'both servers to have all actions',
        async () => ((await hasAll(fast)) && (await hasAll(slow)) ? true : undefined),
        150_000,
      );

      const expected = Object.fromEntries(Array.from({ length: streams }, (_, i) => [`acted-${i}`, 1]));
      expect(await increases(fast, actions, 'stream')).toEqual(expected);
      expect(await increases(slow, actions, 'stream')).toEqual(expected);
    } finally {
      await daemon.end('SIGTERM');
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

function scraping(address: string, everySeconds: number): string {
  return `
global: {scrape_interval: ${everySeconds}s, scrape_timeout: 1s}
scrape_configs: [{job_name: livestream, static_configs: [{targets: ["${address}"]}]}]
`;
}
