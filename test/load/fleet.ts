import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { keyVariable } from '../../src/simulator/exporter-config.ts';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { waitFor } from '../support/wait-for.ts';
import { scrapeOnce } from './scraper.ts';

/** A real exporter process that polls a simulator process. */
export interface Fleet extends AsyncDisposable {
  /** URL of the exporter, which ends in a slash. */
  readonly url: string;
  /** Process id of the exporter. */
  readonly pid: number;
  /** Returns what the exporter has logged so far. */
  log(): string;
}

const statKey = 'simulator-demo-key';

/** Time in ms until all streams must have series. */
const startMs = 180_000;

/**
 * Starts a simulator and an exporter that polls all its streams each minute, and waits until /metrics shows them.
 * `webConfig` is the text of a file for `--web.config.file`; `login` is then a user with its password.
 */
export async function startFleet(
  streams: number,
  { webConfig, login }: { readonly webConfig?: string; readonly login?: string } = {},
): Promise<Fleet> {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-load-'));
  const inDirectory = (name: string) => join(directory, name);
  writeFileSync(inDirectory('scenario.yaml'), scenarioOf(streams));
  const children: Daemon[] = [];
  const start = (args: readonly string[], env?: Record<string, string>): Daemon => {
    const child = startDaemon(args, env);
    children.push(child);
    // If the run is interrupted, nothing must stay.
    process.once('exit', () => child.process.kill('SIGKILL'));
    return child;
  };
  const stop = async () => {
    await Promise.all(children.map((child) => child.end('SIGTERM')));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const simulator = start([
      'simulate',
      `--scenario=${inDirectory('scenario.yaml')}`,
      '--listen-address=127.0.0.1:0',
    ]);
    const origin = await waitFor(
      'the simulator to listen',
      () => /at (http:\/\/127\.0\.0\.1:\d+)/.exec(simulator.output())?.[1],
      startMs,
    );
    writeFileSync(inDirectory('exporter.json'), await exporterConfig(origin));
    if (webConfig !== undefined) writeFileSync(inDirectory('web.yml'), webConfig);
    const exporter = start(
      [
        `--config.file=${inDirectory('exporter.json')}`,
        `--storage.path=${inDirectory('data')}`,
        '--web.listen-address=127.0.0.1:0',
        '--web.enable-lifecycle',
        ...(webConfig === undefined ? [] : [`--web.config.file=${inDirectory('web.yml')}`]),
      ],
      { [keyVariable]: statKey, no_proxy: '127.0.0.1' },
    );
    const url = await exporter.url();
    await waitFor(
      'series of all streams',
      async () => {
        const { streams: shown } = await scrapeOnce({ url, login, countStreams: true });
        return shown >= streams || undefined;
      },
      startMs,
    );
    return { url, pid: exporter.process.pid ?? 0, log: exporter.output, [Symbol.asyncDispose]: stop };
  } catch (error) {
    const output = children.map((child) => child.output().slice(-2_000)).join('\n');
    await stop();
    throw new Error(`the fleet did not start: ${output}`, { cause: error });
  }
}

function scenarioOf(streams: number): string {
  const names = Array.from({ length: streams }, (_, i) => ({ name: `stream-${i}` }));
  return JSON.stringify({ name: 'load', account: { key: statKey }, streams: names });
}

/** Returns the config that the simulator prints, with a budget for all its streams. JSON loads faster than YAML. */
async function exporterConfig(origin: string): Promise<string> {
  const response = await fetch(`${origin}/-/config`);
  // Shape: toExporterConfig.
  const config = parse(await response.text()) as { accounts: object[] };
  return JSON.stringify({
    ...config,
    limits: { max_streams: 100_000 },
    push_stats: { interval: '1m' },
    accounts: config.accounts.map((account) => ({
      ...account,
      requests_per_second: { Get_LivePushStatHistory: 1000 },
    })),
  });
}
