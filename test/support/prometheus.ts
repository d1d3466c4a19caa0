import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseValue } from './exposition.ts';
import { startOnFreePort } from './free-port.ts';
import { waitFor } from './wait-for.ts';

/** Series in the response to an instant query. */
export interface QueriedSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Prometheus extends AsyncDisposable {
  readonly url: string;
  /** Evaluates an instant query at `time` (in seconds) or now. */
  query(expression: string, time?: number): Promise<readonly QueriedSeries[]>;
  /** Returns the log lines at level warn or above so far. */
  warnings(): readonly string[];
  /** Replaces the config of the running server. */
  reload(config: string): Promise<void>;
  /** Stops the server and starts it again, with its data and at its address. */
  restart(): Promise<void>;
}

/** Starts a real Prometheus on a free loopback port, with its own data directory and further flags. */
export function startPrometheus(config: string, flags: readonly string[] = []): Promise<Prometheus> {
  return startOnFreePort((port) => startAt(port, config, flags));
}

async function startAt(port: number, config: string, flags: readonly string[]): Promise<Prometheus> {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-prometheus-'));
  const configFile = join(directory, 'prometheus.yml');
  writeFileSync(configFile, config);
  const url = `http://127.0.0.1:${port}`;
  let log = '';
  let child = await launch();

  async function launch(): Promise<ChildProcess> {
    const earlier = log.length;
    const started = spawn(
      'prometheus',
      [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-lifecycle',
        '--log.format=json',
        ...flags,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    let hasClosed = false;
    // Unlike the exit, this comes after all of the log.
    started.once('close', () => {
      hasClosed = true;
    });
    await waitFor('Prometheus to be ready', async () => {
      if (hasClosed) {
        rmSync(directory, { recursive: true, force: true });
        throw new Error(`Prometheus exited: ${log}`);
      }
      const ready = await fetch(`${url}/-/ready`).catch(() => undefined);
      // A process that took the port can respond too.
      return ready?.ok && log.includes('Server is ready', earlier) ? true : undefined;
    });
    return started;
  }
  async function stop(): Promise<void> {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  return {
    url,
    async query(expression, time) {
      const at = time === undefined ? '' : `&time=${time}`;
      const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}${at}`);
      return toSeries(await response.json(), expression);
    },
    warnings: () => log.split('\n').filter((line) => /"level":"(warn|error)"/.test(line)),
    async reload(next) {
      writeFileSync(configFile, next);
      const response = await fetch(`${url}/-/reload`, { method: 'POST' });
      if (!response.ok) throw new Error(`Prometheus: ${response.status} ${await response.text()}`);
    },
    async restart() {
      await stop();
      child = await launch();
    },
    async [Symbol.asyncDispose]() {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/**
 * Returns increase() of each series, by these labels, evaluated at the time of the last scrape. So Prometheus extrapolates
 * neither at the end nor at the start, where the counter is 0.
 */
export async function increases(
  prometheus: Prometheus,
  metric: string,
  ...labels: readonly string[]
): Promise<Record<string, number>> {
  // There is none right after a scrape that took too long.
  const last = await waitFor(`a scrape with ${metric}`, async () => {
    const [found] = await prometheus.query(`max(timestamp(${metric}))`);
    return found?.value;
  });
  const series = await prometheus.query(`increase(${metric}[10m])`, last);
  return Object.fromEntries(
    series.map(({ metric: { ...values }, value }) => [labels.map((label) => values[label]).join(' '), value]),
  );
}

function toSeries(body: unknown, expression: string): readonly QueriedSeries[] {
  // Shape: Prometheus HTTP API, "instant queries".
  const { status, error, data } = body as {
    status: string;
    error?: string;
    data?: { result: readonly { metric: Record<string, string>; value: [number, string] }[] };
  };
  if (status !== 'success' || data === undefined) throw new Error(`${expression}: ${error}`);
  return data.result.map(({ metric, value: [, text] }) => ({ metric, value: parseValue(text) }));
}
