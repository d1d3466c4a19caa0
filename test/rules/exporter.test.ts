import { expect, test } from 'vitest';
import { toRuleFile } from '../../src/alerting/rule-file.ts';
import { createRules } from '../../src/alerting/rules.ts';
import { exporterEnvironment, toExporterConfig } from '../../src/simulator/exporter-config.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { round, startTestApp } from '../support/app.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { describeWithTool } from '../support/tools.ts';
import { runCases } from './promtool.ts';
import { recordScrapes, scrapeMs } from './recorded.ts';

const rules = toRuleFile(
  createRules({
    scrapeMs,
    job: 'livestream-exporter',
    labels: [],
    objective: 0.99,
    paces: [{ account: 'simulator', intervalMs: scrapeMs, staleAfterMs: 30_000 }],
  }),
  { language: 'en', runbookBase: undefined, header: '' },
);

const forbidden = 'LivestreamForbidden account=simulator-alibaba stream=guest';
const changed = 'LivestreamPushPublisherChanged account=simulator stream=moved';

/** Plays a scenario with the exporter in simulated time, and checks which alerts fire at which times. */
async function play(
  yaml: string,
  minutes: number,
  firing: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  const scenario = scenarioOf(yaml);
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  const config = toExporterConfig(simulator.world, simulator.endpoint);
  await using daemon = await startTestApp(config, exporterEnvironment(scenario), clock);
  const series = await recordScrapes(daemon, clock, minutes * 12, () => round(daemon, clock));

  expect(() => runCases(rules, [{ name: 'played', interval: '5s', series, firing }])).not.toThrow();
}

describeWithTool('promtool', 'the alerts about the streams of a simulated provider', () => {
  test('arrive and end as the streams get worse and better', { timeout: 240_000 }, async () => {
    await play(
      `
name: trouble
provider: {delay: 5s}
streams:
  - {name: "calm-{n}", count: 3}
  - {name: low, story: [{at: 2m, for: 2m, fps: 60%}]}
  - {name: collapsed, story: [{at: 2m, for: 2m, fps: 20%}]}
  - {name: frozen, story: [{at: 2m, for: 15s, fps: 0}]}
  - {name: thin, story: [{at: 2m, for: 3m, bitrate: 30%}]}
  - {name: missing, story: [{at: 2m, for: 2m, silent: true}]}
  - {name: moved, story: [{at: 2m, for: 5m, client_ip: 203.0.113.9}]}
domains:
  - name: play.example.com
    story: [{at: 2m, stream: guest, action: forbid}, {at: 4m, stream: guest, action: resume}]
`,
      10,
      {
        '115s': [],
        '155s': ['LivestreamPushVideoStalled account=simulator stream=frozen', forbidden],
        '230s': [
          'LivestreamPushVideoStalled account=simulator stream=frozen',
          'LivestreamPushFpsLow account=simulator stream=low',
          'LivestreamPushFpsLow account=simulator stream=collapsed',
          'LivestreamPushFpsCollapsed account=simulator stream=collapsed',
          'LivestreamPushBitrateLow account=simulator stream=thin',
          'LivestreamPushMissing account=simulator stream=missing',
          forbidden,
        ],
        // Samples from before the start were counted at 0 s, so changes are reported from 300 s on.
        '365s': ['LivestreamPushBitrateLow account=simulator stream=thin', changed],
        '445s': [changed],
        '590s': [changed],
      },
    );
  });

  test('arrive for streams that flap or whose publishers push in turn', { timeout: 240_000 }, async () => {
    const handovers = [2, 3, 4, 5, 6, 7].map(
      (minute) => `{at: ${minute}m, for: 30s, client_ip: 203.0.113.9}`,
    );

    await play(
      `
name: restless
provider: {delay: 5s}
streams:
  - {name: calm}
  - {name: flaps, story: [{at: 2m, for: 8m, flapping: {up: 10s, down: 30s}}]}
  - {name: fights, story: [${handovers.join(', ')}]}
`,
      14,
      {
        '115s': [],
        '480s': [
          'LivestreamPushFlapping account=simulator stream=flaps',
          'LivestreamPushPublishersFighting account=simulator stream=fights',
        ],
        '835s': [
          'LivestreamPushFlapping account=simulator stream=flaps',
          'LivestreamPushPublishersFighting account=simulator stream=fights',
        ],
      },
    );
  });

  test('are one alert while an account lags, and none when its samples appear', {
    timeout: 240_000,
  }, async () => {
    await play(
      `
name: late
provider: {delay: 5s, story: [{at: 3m, for: 5m, held_until: 8m}]}
streams:
  - {name: "calm-{n}", count: 3}
  - {name: low, story: [{at: 4m, for: 2m, fps: 60%}]}
`,
      16,
      {
        '175s': [],
        '300s': ['LivestreamProviderLagging account=simulator'],
        '470s': ['LivestreamProviderLagging account=simulator'],
        '600s': [],
        '900s': [],
      },
    );
  });

  test('are only about the provider during its outage, and none after it', { timeout: 240_000 }, async () => {
    await play(
      `
name: outage
noise: 5%
provider:
  delay: 5s
  late: {share: 2%, by: 20s}
  doubled: {share: 1%}
  story: [{at: 5m, for: 6m, answer: '503'}]
streams:
  - {name: slow, fps: 15}
  - {name: film, fps: 24}
  - {name: sport, fps: 60}
  - {name: pair, story: [{at: 2m, for: 3m, second_publisher: 203.0.113.9}]}
  - {name: bad-meanwhile, story: [{at: 6m, for: 3m, fps: 40%}]}
`,
      25,
      {
        '295s': [],
        '480s': ['LivestreamCollectorFailing account=simulator collector=push_stats'],
        '650s': ['LivestreamCollectorFailing account=simulator collector=push_stats'],
        '780s': [],
        '900s': [],
        '1200s': [],
        '1490s': [],
      },
    );
  });
});
