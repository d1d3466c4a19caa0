import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { exporterEnvironment, toExporterConfig } from '../../src/simulator/exporter-config.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { startAlertmanager } from '../support/alertmanager.ts';
import { startDaemon } from '../support/daemon.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { shippedAlertmanagerConfig, shippedPrometheusConfig } from '../support/shipped-config.ts';
import { alertmanagerTool } from '../support/tool-path.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Notified, startWebhook } from '../support/webhook.ts';

/**
 * Push streams: one has a temporary drop of the frame rate, one a permanent drop, and one is healthy. Controlled streams:
 * one is forbidden and resumed, and one stays forbidden.
 */
const scenario = scenarioOf(`
name: alerting
provider: {delay: 5s}
streams:
  - {name: recovers, story: [{at: 40s, for: 60s, fps: 60%}]}
  - {name: stays-low, story: [{at: 60s, fps: 60%}]}
  - {name: calm}
domains:
  - name: play.example.com
    story:
      - {at: 40s, stream: guest, action: forbid}
      - {at: 60s, stream: stays-forbidden, action: forbid}
      - {at: 1m30s, stream: guest, action: resume}
`);
/** Start of the first drop and of the forbid, in the story. */
const troubleAfterMs = 40_000;
const dipLastsMs = 60_000;

describeWithTool('prometheus', 'with a real Prometheus', () => {
  describeWithTool(alertmanagerTool(), 'and a real Alertmanager, with the shipped config', () => {
    test('notifies and resolves a frame rate drop and a forbid, and inhibits stream alerts while the exporter is down', {
      timeout: 480_000,
    }, async () => {
      const directory = mkdtempSync(join(tmpdir(), 'livestream-alerting-'));
      await using cleanUp = new AsyncDisposableStack();
      cleanUp.defer(() => rmSync(directory, { recursive: true, force: true }));
      const webhook = cleanUp.use(await startWebhook());
      const alertmanager = cleanUp.use(await startAlertmanager(shippedAlertmanagerConfig(webhook.url)));
      const simulator = cleanUp.use(await startSimulator({ scenario, clock: systemClock }));
      const troubleAt = simulator.world.startedAt + troubleAfterMs;
      const configFile = join(directory, 'config.yaml');
      writeFileSync(configFile, toExporterConfig(simulator.world, simulator.endpoint));
      const daemon = startDaemon(
        [
          `--config.file=${configFile}`,
          `--storage.path=${join(directory, 'data')}`,
          '--web.listen-address=127.0.0.1:0',
        ],
        exporterEnvironment(scenario),
      );
      cleanUp.defer(async () => {
        await daemon.end('SIGKILL');
      });
      const exporter = new URL(await daemon.url()).host;
      const prometheus = cleanUp.use(
        await startPrometheus(shippedPrometheusConfig({ exporter, alertmanager: alertmanager.address })),
      );
      const notification = (status: Notified['status'], wanted: Readonly<Record<string, string>>) =>
        waitFor(
          `the notification that ${JSON.stringify(wanted)} is ${status}`,
          () => webhook.notified.find((one) => one.status === status && hasLabels(one.labels, wanted)),
          200_000,
        );

      const dip = await notification('firing', { alertname: 'LivestreamPushFpsLow', stream: 'recovers' });
      const dipSeconds = secondsSince(troubleAt, dip);
      console.log(`from the dip to its notification: ${dipSeconds} s`);
      expect(dip.labels).toEqual({
        alertname: 'LivestreamPushFpsLow',
        severity: 'warning',
        ...simulatorIdentity('recovers'),
      });
      // Maximum delays: sample 5 s, provider 5 s, poll 5 s, scrape 5 s, two more samples 10 s, rule 5 + 30 s, group 6 s,
      // plus time for a busy machine.
      expect(dipSeconds).toBeLessThan(90);

      await notification('firing', { alertname: 'LivestreamPushFpsLow', stream: 'stays-low' });
      const end = await notification('resolved', { alertname: 'LivestreamPushFpsLow', stream: 'recovers' });
      console.log(
        `from the end of the dip to the word of it: ${secondsSince(troubleAt + dipLastsMs, end)} s`,
      );

      const forbid = await notification('firing', { alertname: 'LivestreamForbidden', stream: 'guest' });
      console.log(`from the forbid to its notification: ${secondsSince(troubleAt, forbid)} s`);
      expect(forbid.labels).toEqual({
        alertname: 'LivestreamForbidden',
        severity: 'warning',
        account: 'simulator-alibaba',
        provider: 'alibaba',
        domain: 'play.example.com',
        app_name: 'live',
        stream: 'guest',
      });
      await notification('firing', { alertname: 'LivestreamForbidden', stream: 'stays-forbidden' });
      await notification('resolved', { alertname: 'LivestreamForbidden', stream: 'guest' });
      expect(
        await prometheus.query(
          'ALERTS{alertstate="firing", alertname!~"Livestream(PushFpsLow|PushBudgetBurn.*|Watchdog)", stream!="stays-forbidden"}',
        ),
      ).toEqual([]);

      const killedAt = Date.now();
      expect(await daemon.end('SIGKILL')).toBe('SIGKILL');
      const muted = await waitFor(
        'the stream alerts to be inhibited',
        async () => {
          const found = (await alertmanager.alerts()).filter(({ inhibitedBy }) => inhibitedBy.length > 0);
          return found.length >= 2 ? found : undefined;
        },
        60_000,
      );
      expect(muted.map(({ labels: { alertname, stream } }) => `${alertname} ${stream}`).sort()).toEqual([
        'LivestreamForbidden stays-forbidden',
        'LivestreamPushFpsLow stays-low',
      ]);
      const down = await notification('firing', { alertname: 'LivestreamExporterDown' });
      console.log(`from the kill to its notification: ${secondsSince(killedAt, down)} s`);

      // The series are stale, so the alerts resolve in Prometheus. This must not notify that the streams are fine.
      await waitFor(
        'the stream alerts to resolve in Prometheus',
        async () => ((await prometheus.query('ALERTS{stream!=""}')).length === 0 ? true : undefined),
        // The alert of a forbidden stream keeps firing for 90 s.
        150_000,
      );
      expect(
        webhook.notified
          .filter(({ status, at, labels }) => at > killedAt && (status === 'resolved' || 'stream' in labels))
          .map(({ status, labels }) => [status, labels.alertname, labels.stream]),
      ).toEqual([]);
      expect(webhook.notified.filter(({ labels }) => labels.stream === 'calm')).toEqual([]);
      expect(prometheus.warnings()).toEqual([]);
    });
  });
});

/** Labels of the streams in the config of toExporterConfig. */
function simulatorIdentity(stream: string) {
  return { account: 'simulator', provider: 'tencent', domain: 'push.example.com', app_name: 'live', stream };
}

/** Rounds to one decimal. */
function secondsSince(from: number, { at }: Notified): number {
  return Math.round((at - from) / 100) / 10;
}

function hasLabels(
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}
