import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { exporterEnvironment, toExporterConfig } from '../../src/simulator/exporter-config.ts';
import { parseScenario } from '../../src/simulator/scenario/parse-scenario.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { increases, startPrometheus } from '../support/prometheus.ts';
import { startTcpFront } from '../support/tcp-front.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';

/** Streams and actions start after the daemon and end before the final check, so that their whole story is counted. */
const scenario = `
name: kill
provider: {delay: 2s, late: {share: 10%, by: 20s}, doubled: {share: 10%}}
streams:
  - {name: "steady-{n}", count: 8, fps: 25, bitrate: 2Mbit, start: 15s, stop: 125s}
  - name: changing
    fps: 50
    bitrate: 6Mbit
    start: 20s
    stop: 120s
    story:
      - {at: 40s, for: 20s, fps: 0, bitrate: 128kbit}
      - {at: 70s, for: 20s, fps: 60%}
      - {at: 90s, for: 30s, second_publisher: 203.0.113.9}
alibaba: {delay: 3s}
domains:
  - name: play.example.com
    story:
      - {at: 20s, stream: once, action: forbid}
      # Equal actions in one second, and late rows.
      - {at: 25s, every: 4s, until: 120s, stream: busy, action: forbid, times: 2}
      - {at: 27s, every: 4s, until: 120s, stream: busy, action: resume, late: 15s}
`;
const kills = 10;
const betweenKillsMs = 12_000;

/** Counters with a ground truth: metric, field of the simulator's truth, and the divisor from its unit to the metric's. */
const counted = [
  ['livestream_push_samples_total', 'samples', 1],
  ['livestream_push_observed_seconds_total', 'observedMs', 1000],
  ['livestream_push_frames_total', 'milliframes', 1000],
  ['livestream_push_bytes_total', 'bytes', 1],
] as const;

const streamCounters = [
  ...counted.map(([metric]) => metric),
  'livestream_push_degraded_seconds_total',
  'livestream_push_bad_seconds_total',
  'livestream_push_missing_seconds_total',
  'livestream_push_backfilled_seconds_total',
  'livestream_push_gap_seconds_total',
  'livestream_push_sessions_total',
  'livestream_push_client_changes_total',
  'livestream_control_actions_total',
  'livestream_control_domain_actions_total',
  'livestream_control_gap_seconds_total',
];

describeWithTool('prometheus', 'a daemon that is killed repeatedly', () => {
  test(`decreases no counter and neither loses nor duplicates data with ${kills} kill -9 in two minutes`, {
    timeout: 240_000,
  }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'livestream-kill-'));
    const parsed = parseScenario(scenario, 'kill.yaml');
    if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
    await using simulator = await startSimulator({ scenario: parsed.scenario, clock: systemClock });
    const { world } = simulator;
    const configFile = join(directory, 'config.yaml');
    writeFileSync(configFile, toExporterConfig(world, simulator.endpoint));
    await using front = await startTcpFront();
    let daemon: Daemon | undefined;
    const start = async () => {
      daemon = startDaemon(
        [
          `--config.file=${configFile}`,
          `--storage.path=${join(directory, 'data')}`,
          '--web.listen-address=127.0.0.1:0',
        ],
        exporterEnvironment(parsed.scenario),
      );
      front.target = await daemon.url();
    };
    try {
      await start();
      await using prometheus = await startPrometheus(`
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: livestream
    static_configs: [{targets: ["${front.address}"]}]
`);
      for (let kill = 0; kill < kills; kill++) {
        await sleep(betweenKillsMs);
        front.target = undefined;
        expect(await daemon?.end('SIGKILL')).toBe('SIGKILL');
        await start();
      }

      // By then, late samples are visible and the watermark of every stream has passed them.
      const until = world.startedAt + 150_000;
      await waitFor(
        'all watermarks to reach the end of the story',
        async () => {
          const [oldest] = await prometheus.query(
            'min({__name__=~"livestream_(push|control)_watermark_timestamp_seconds"})',
          );
          return oldest !== undefined && oldest.value * 1000 >= until ? true : undefined;
        },
        90_000,
      );
      const samples = world.streams
        .map(({ name }) => world.truthOf(name, world.startedAt, until).samples)
        .reduce((sum, one) => sum + one, 0);
      // Watermarks are exposed immediately, totals after they are saved. If they fall short, the comparisons say so.
      await waitFor('the totals', async () => {
        const [sum] = await prometheus.query('sum(livestream_push_samples_total)');
        return sum !== undefined && sum.value >= samples ? true : undefined;
      }).catch(() => undefined);
      // Wait for one more flush and scrape.
      await sleep(3000);

      for (const [metric, name, scale] of counted) {
        const expected = world.streams.map(({ name: stream }) => [
          stream,
          world.truthOf(stream, world.startedAt, until)[name] / scale,
        ]);
        expect([metric, await increases(prometheus, metric, 'stream')]).toEqual([
          metric,
          Object.fromEntries(expected),
        ]);
      }
      const actions = world.truthOfActions('play.example.com', world.startedAt, until);
      const byAction: Record<string, number> = { other: 0 };
      for (const { action, actions: times } of actions) byAction[action] = (byAction[action] ?? 0) + times;
      expect(await increases(prometheus, 'livestream_control_actions_total', 'stream', 'action')).toEqual(
        Object.fromEntries(
          actions.map(({ stream, action, actions: times }) => [`${stream} ${action}`, times]),
        ),
      );
      expect(await increases(prometheus, 'livestream_control_domain_actions_total', 'action')).toEqual(
        byAction,
      );
      for (const metric of streamCounters) {
        expect([metric, await prometheus.query(`resets(${metric}[10m]) > 0`)]).toEqual([metric, []]);
      }
      // There are none right after a scrape that took too long.
      const [streams] = await waitFor('the streams', async () => {
        const counts = await prometheus.query('count(livestream_push_samples_total)');
        return counts.length > 0 ? counts : undefined;
      });
      expect(streams?.value).toBe(9);
    } finally {
      await daemon?.end('SIGTERM');
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
