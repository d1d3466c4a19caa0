import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from '../app/app.ts';
import { loadConfig } from '../config/load.ts';
import { readSecrets } from '../config/secrets.ts';
import { secondMs } from '../model/time.ts';
import { exporterEnvironment, toExporterConfig } from '../simulator/exporter-config.ts';
import type { Scenario } from '../simulator/scenario/scenario.ts';
import { startSimulator } from '../simulator/server.ts';
import { toDiagnosticLines } from '../text/diagnostics.ts';
import type { DaemonFlags } from './flags.ts';
import type { Runtime } from './runtime.ts';
import { readScenario } from './scenario-file.ts';
import { runApp } from './serve.ts';

/** What the demo plays when it is not told. */
const bundledScenario = join(import.meta.dirname, '..', '..', 'config', 'scenarios', 'demo.yaml');

/** The daemon and the simulator in one process on loopback, until the signal is aborted. Resolves with the exit code. */
export async function runDemo(
  { scenarioFile, flags }: { readonly scenarioFile: string | undefined; readonly flags: DaemonFlags },
  runtime: Runtime,
): Promise<number> {
  const { out, err, clock } = runtime;
  const hungUp = new AbortController();
  // The terminal was closed: nobody is left who could end it, and there is no config to read again.
  runtime.onHangup(() => hungUp.abort());
  const signal = AbortSignal.any([runtime.signal, hungUp.signal]);
  const scenario = await readScenario(scenarioFile ?? bundledScenario, err);
  if (scenario === undefined) return 2;

  await using simulator = await startSimulator({ scenario, clock });
  const configFile = 'demo';
  const loaded = loadConfig(toExporterConfig(simulator.world, simulator.endpoint), configFile);
  if ('problems' in loaded) {
    for (const line of toDiagnosticLines(configFile, loaded.problems)) err(`${line}\n`);
    return 2;
  }
  const { config } = loaded;
  const read = await readSecrets(loaded.named, exporterEnvironment(scenario));
  if ('problems' in read) throw new Error(toDiagnosticLines(configFile, read.problems).join('; '));

  // Totals of a story that begins anew each time are not worth keeping.
  const storagePath = flags.storagePath ?? (await mkdtemp(join(tmpdir(), 'livestream-exporter-demo-')));
  try {
    return await runApp(
      {
        config,
        configFile,
        // What it watches comes with the story: there is nothing else to read.
        readConfig: async () => ({ config, secrets: read.secrets }),
        secrets: read.secrets,
        warnings: [`this is a demo: all data comes from the simulator at ${simulator.url}`],
      },
      { ...flags, storagePath },
      // The simulator is here: no proxy stands between.
      { ...runtime, env: {}, signal, onHangup: () => {} },
      (app) => {
        out(greeting(app, flags, scenario, simulator.url));
        void showLines(app, { ...runtime, signal }).catch((error: unknown) => {
          if (!signal.aborted) throw error;
        });
      },
    );
  } finally {
    if (flags.storagePath === undefined) await rm(storagePath, { recursive: true, force: true });
  }
}

function greeting(
  app: App,
  { telemetryPath }: DaemonFlags,
  scenario: Scenario,
  simulatorUrl: string,
): string {
  const [first] = app.addresses;
  const url = first?.url.replace(/\/$/, '') ?? '';
  const pages = [
    [`${url}${telemetryPath}`, 'what Prometheus scrapes'],
    [`${url}/`, 'the streams at a glance'],
    [`${simulatorUrl}/-/`, 'what the simulator knows to be true'],
  ] as const;
  const width = Math.max(...pages.map(([page]) => page.length));
  const lines = pages.map(([page, what]) => `  ${page.padEnd(width)}  ${what}\n`);
  return `
livestream-exporter demo: ${scenario.description.trim() || scenario.name}

${lines.join('')}
The first samples are on their way. Ctrl-C ends it.

`;
}

/** Shows a few lines of the exposition as soon as they say something, so that a newcomer sees what it is about. */
async function showLines(app: App, { out, clock, signal }: Runtime): Promise<void> {
  for (;;) {
    await clock.sleep(secondMs, signal);
    const lines = (await scrapeText(app)).split('\n');
    // Counters leave 0 once they were seen there, which this scrape sees to.
    if (!lines.some((line) => /frames_total\{.*\} [1-9]/.test(line))) continue;
    const told = shown.flatMap(
      (family) => lines.find((line) => line.startsWith(`livestream_${family}{`)) ?? [],
    );
    out(`From /metrics:\n\n${told.map((line) => `  ${line}\n`).join('')}\n`);
    return;
  }
}

/** The first series of each. */
const shown = [
  'push_up',
  'push_fps',
  'push_bitrate_bps',
  'push_samples_total',
  'push_observed_seconds_total',
  'push_frames_total',
  'push_bytes_total',
  'push_watermark_timestamp_seconds',
  'control_domain_actions_total',
  'control_watermark_timestamp_seconds',
];

async function scrapeText(app: App): Promise<string> {
  const { body, completed } = await app.serveScrape({
    accept: undefined,
    acceptEncoding: undefined,
    peer: 'demo',
    userAgent: undefined,
    timeoutSeconds: undefined,
  });
  const chunks: Uint8Array[] = [];
  // A piece is shared, and may be written again once the next one is asked for.
  for await (const chunk of body) chunks.push(Uint8Array.from(chunk));
  completed();
  return Buffer.concat(chunks).toString();
}
