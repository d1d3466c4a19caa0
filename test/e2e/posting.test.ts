import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { exporterEnvironment, toExporterConfig } from '../../src/simulator/exporter-config.ts';
import type { Scenario } from '../../src/simulator/scenario/scenario.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { startAlertmanager } from '../support/alertmanager.ts';
import { startDaemon } from '../support/daemon.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { shippedAlertmanagerConfig } from '../support/shipped-config.ts';
import { alertmanagerTool } from '../support/tool-path.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Notified, startWebhook } from '../support/webhook.ts';

const delayMs = 2_000;

const killed = scenarioOf(`
name: posting-killed
noise: 0%
provider: {delay: 2s}
streams:
  - {name: low, story: [{at: 20s, for: 50s, fps: 60%}]}
  - {name: frozen, story: [{at: 20s, for: 50s, fps: 0}]}
  - {name: ended, stop: 20s}
  - {name: calm}
domains:
  - name: play.example.com
    story:
      - {at: 20s, stream: guest, action: forbid}
      - {at: 80s, stream: guest, action: resume}
`);
/**
 * Ages of the story at which the daemon is killed, in ms: before, during and after the alerts. None at 55 to 70 s, when
 * the ended stream becomes missing: a restart leaves its state open for 30 s.
 */
const killsAt = [25_000, 40_000, 47_000, 72_000, 90_000];

/**
 * Maximum time in ms from a forbid to the start of its alert. The list of forbidden streams contains no times, so
 * a ban that the list shows first starts when it is found: at most the interval of 10 s later, plus the request, and
 * what a busy machine delays single polls.
 */
const latestBanMs = 20_000;
/** Maximum of their median in ms. The forbids begin at all phases of the polls. */
const medianBanMs = 10_000;

/** Streams of each kind, whose troubles begin at different phases of the polls. */
const perKind = 12;
const timed = scenarioOf(`
name: posting-timed
noise: 0%
provider: {delay: 2s}
streams:
${Array.from({ length: perKind }, (_, i) => {
  const at = `${20_000 + i * 2_700}ms`;
  return `  - {name: low-${i}, story: [{at: ${at}, fps: 60%}]}
  - {name: frozen-${i}, story: [{at: ${at}, fps: 0}]}
  - {name: ended-${i}, stop: ${at}}`;
}).join('\n')}
  - {name: calm}
domains:
  - name: play.example.com
    story:
${Array.from({ length: perKind }, (_, i) => `      - {at: ${20_000 + i * 2_700}ms, stream: guest-${i}, action: forbid}`).join('\n')}
`);

/** Starts simulator, Alertmanager, webhook and the function that starts a daemon that posts alerts. */
async function setUp(scenario: Scenario, toConfig: (shipped: string) => string) {
  const cleanUp = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'livestream-posting-'));
  cleanUp.defer(() => rmSync(directory, { recursive: true, force: true }));
  const webhook = cleanUp.use(await startWebhook());
  const config = toConfig(shippedAlertmanagerConfig(webhook.url));
  const alertmanager = cleanUp.use(await startAlertmanager(config));
  const simulator = cleanUp.use(await startSimulator({ scenario, clock: systemClock }));
  const configFile = join(directory, 'config.yaml');
  const posting = `\nalertmanager: {urls: ["http://${alertmanager.address}"]}\n`;
  writeFileSync(configFile, toExporterConfig(simulator.world, simulator.endpoint) + posting);
  const start = () => {
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
    return daemon;
  };
  return { webhook, world: simulator.world, start, cleanUp };
}

// The tests wait most of their time, so they run at the same time.
describeWithTool(alertmanagerTool(), 'a real Alertmanager to which the exporter posts', () => {
  test.concurrent('notifies each alert and each end once, however often the exporter is killed', {
    timeout: 240_000,
  }, async () => {
    const { webhook, world, start, cleanUp } = await setUp(killed, (shipped) =>
      shipped
        .replace(/group_wait: 6s/, 'group_wait: 1s')
        .replace(/group_interval: 30s/, 'group_interval: 2s'),
    );
    await using _ = cleanUp;
    let daemon = start();
    for (const at of killsAt) {
      await sleep(world.startedAt + at - Date.now());
      expect(await daemon.end('SIGKILL')).toBe('SIGKILL');
      daemon = start();
    }
    // Four begin, three of them end.
    await waitFor('all notifications', () => (webhook.notified.length >= 7 ? true : undefined), 120_000);
    await sleep(10_000);

    const notified = webhook.notified.map(
      ({ status, labels }) => `${labels.alertname} ${labels.stream} ${status}`,
    );
    expect(notified.sort()).toEqual([
      'LivestreamForbidden guest firing',
      'LivestreamForbidden guest resolved',
      'LivestreamPushFpsLow low firing',
      'LivestreamPushFpsLow low resolved',
      'LivestreamPushMissing ended firing',
      'LivestreamPushVideoStalled frozen firing',
      'LivestreamPushVideoStalled frozen resolved',
    ]);
    expect(await daemon.end('SIGTERM')).toBe(0);
    await sleep(4_000);
    expect(webhook.notified).toHaveLength(notified.length);
  });

  test.concurrent('is notified soon after the first bad sample is available', {
    timeout: 240_000,
  }, async () => {
    // Each alert is a group of its own, so that no alert waits for the notification of another.
    const { webhook, world, start, cleanUp } = await setUp(timed, (shipped) =>
      shipped.replace(/group_by: \[.*\]/, "group_by: ['...']"),
    );
    await using _ = cleanUp;
    start();

    await waitFor(
      'all notifications',
      () => (webhook.notified.length >= 4 * perKind ? true : undefined),
      180_000,
    );

    const byName = Map.groupBy(webhook.notified, ({ labels }) => labels.alertname ?? '');
    expect([...byName.values()].map(({ length }) => length)).toEqual([perKind, perKind, perKind, perKind]);
    const rows = [...byName].sort().map(([name, all]) => {
      // A missing stream has no bad sample: the time counts from its last one.
      const available = name === 'LivestreamPushMissing' ? 0 : delayMs;
      const seconds = all
        .map(({ at, startsAt }) => (at - Date.parse(startsAt) - available) / 1000)
        .sort((a, b) => a - b);
      return { name, median: seconds[perKind / 2] ?? 0, max: seconds.at(-1) ?? 0 };
    });
    console.log(
      ['seconds from the first bad sample to the webhook, with group_wait: 6s', '']
        .concat(
          rows.map(
            ({ name, median, max }) => `${name}: median ${median.toFixed(1)}, maximum ${max.toFixed(1)}`,
          ),
        )
        .join('\n'),
    );
    const medianOf = (name: string) => rows.find((row) => row.name === name)?.median;
    expect(medianOf('LivestreamPushFpsLow')).toBeLessThan(15);
    expect(medianOf('LivestreamPushVideoStalled')).toBeLessThan(15);
    const lateMsOf = ({ labels, startsAt }: Notified) =>
      Date.parse(startsAt) - (world.startedAt + 20_000 + Number(labels.stream?.split('-')[1]) * 2_700);
    const outliers = webhook.notified.flatMap((one) => {
      const { alertname, stream } = one.labels;
      const lateMs = lateMsOf(one);
      const maxLateMs = alertname === 'LivestreamForbidden' ? latestBanMs : 10_000;
      // A sample covers the five seconds before its time. The last sample of a push is from before its end.
      return lateMs >= -5_000 && lateMs <= maxLateMs ? [] : [`${stream}: ${lateMs} ms`];
    });
    expect(outliers).toEqual([]);
    const bans = (byName.get('LivestreamForbidden') ?? []).map(lateMsOf).sort((a, b) => a - b);
    expect(bans[perKind / 2]).toBeLessThan(medianBanMs);
  });
});
