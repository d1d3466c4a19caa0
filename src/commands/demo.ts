import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { App } from '../app/app.ts';
import { loadConfig } from '../config/load.ts';
import { secondMs } from '../model/time.ts';
import { exporterEnvironment, toExporterConfig } from '../simulator/exporter-config.ts';
import type { Scenario } from '../simulator/scenario/scenario.ts';
import { startSimulator } from '../simulator/server.ts';
import { toDiagnosticLines } from '../text/diagnostics.ts';
import type { DaemonFlags } from './flags.ts';
import type { Runtime } from './runtime.ts';
import { readScenario } from './scenario-file.ts';
import { runApp, withSecrets } from './serve.ts';

/** Scenario file that the demo plays if the user does not set `--scenario`. */
const bundledScenario = join(import.meta.dirname, '..', '..', 'config', 'scenarios', 'demo.yaml');

/**
 * Runs the daemon and the simulator in one process on loopback until `runtime.signal` is aborted or the
 * process receives SIGHUP. Resolves with the exit code.
 */
export async function runDemo(
  { scenarioFile, flags }: { readonly scenarioFile: string | undefined; readonly flags: DaemonFlags },
  runtime: Runtime,
): Promise<number> {
  const { out, err, clock } = runtime;
  const { LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES } = runtime.env;
  const hungUp = new AbortController();
  // Stop on SIGHUP, which the system sends when the terminal is closed. The daemon normally reloads its
  // config file on SIGHUP, but the demo has no config file.
  runtime.onHangup(() => hungUp.abort());
  const signal = AbortSignal.any([runtime.signal, hungUp.signal]);
  const scenario = await readScenario(scenarioFile ?? bundledScenario, err);
  if (scenario === undefined) return 2;

  await using simulator = await startSimulator({ scenario, clock });
  const configFile = 'demo';
  const yaml = toExporterConfig(simulator.world, simulator.endpoint);
  const loaded = await withSecrets(loadConfig(yaml, configFile), exporterEnvironment(scenario));
  if ('problems' in loaded) {
    for (const line of toDiagnosticLines(configFile, loaded.problems)) err(`${line}\n`);
    return 2;
  }

  // Use a temporary storage directory by default. Each demo plays its scenario from the start, so the totals
  // of an earlier demo are useless.
  const storagePath = flags.storagePath ?? (await createStorage(err));
  if (storagePath === undefined) return 1;
  try {
    return await runApp(
      {
        ...loaded,
        configFile,
        // Return the same config on a reload: the demo derives its config from the scenario, which does not
        // change.
        readConfig: async () => loaded,
        warnings: [`demo mode: all data comes from the simulator at ${simulator.url}`],
      },
      { ...flags, storagePath },
      // Pass only the sockets of systemd, so that the daemon ignores the proxy variables: the simulator is in the
      // same process and needs no proxy.
      { ...runtime, env: { LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES }, signal },
      (app) => {
        out(greeting(app, flags.telemetryPath, scenario, simulator.url));
        void printExample(app, { ...runtime, signal }).catch((error: unknown) => {
          if (!signal.aborted) throw error;
        });
      },
    );
  } finally {
    if (flags.storagePath === undefined) await rm(storagePath, { recursive: true, force: true });
  }
}

/** Creates a temporary directory. If this fails, writes the reason to `err` and returns undefined. */
async function createStorage(err: Runtime['err']): Promise<string | undefined> {
  try {
    return await mkdtemp(join(tmpdir(), 'livestream-exporter-demo-'));
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : error;
    err(
      `livestream-exporter: cannot create a temporary directory for the demo in ${tmpdir()}: ${reason}; ` +
        'set --storage.path or the environment variable TMPDIR to a writable directory\n',
    );
    return undefined;
  }
}

function greeting(app: App, path: string, scenario: Scenario, simulatorUrl: string): string {
  const url = app.addresses[0]?.url.replace(/\/$/, '') ?? '';
  const pages = [
    [`${url}${path}`, 'metrics for Prometheus'],
    [`${url}/`, 'status page'],
    [`${simulatorUrl}/-/`, 'simulator: ground truth and request log'],
  ] as const;
  const width = Math.max(...pages.map(([page]) => page.length));
  const lines = pages.map(([page, what]) => `  ${page.padEnd(width)}  ${what}\n`);
  return `
livestream-exporter demo: ${scenario.description.trim() || scenario.name}

${lines.join('')}
Waiting for the first samples. Press Ctrl-C to stop.

`;
}

/**
 * Prints an excerpt of `/metrics` as soon as a counter has increased, so that a new user sees an example of
 * the exposition. Rejects if `signal` is aborted.
 */
async function printExample(app: App, { out, clock, signal }: Runtime): Promise<void> {
  for (;;) {
    await clock.sleep(secondMs, signal);
    const lines = (await scrapeText(app)).split('\n');
    // Wait until a counter has left 0. The zero hold keeps a new counter at 0 until every known scraper has
    // received that 0. While no scraper is known, any client counts, so the first pass of this loop can end
    // the hold.
    if (!lines.some((line) => /frames_total\{.*\} [1-9]/.test(line))) continue;
    const example = exampleFamilies.flatMap(
      (family) => lines.find((line) => line.startsWith(`livestream_${family}{`)) ?? [],
    );
    out(`Excerpt of /metrics:\n\n${example.map((line) => `  ${line}\n`).join('')}\n`);
    return;
  }
}

/**
 * Metric families in the printed excerpt of `/metrics`. The excerpt contains the first series of each family.
 */
const exampleFamilies = [
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
  // `text` decodes each chunk of the body before it requests the next chunk. It must do so, because the next
  // chunk can overwrite the buffer of the previous chunk.
  const exposition = await text(body);
  completed();
  return exposition;
}
