import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseValue } from './exposition.ts';
import { freePort } from './free-port.ts';
import { waitFor } from './wait-for.ts';

/** One series of an instant query's answer. */
export interface QueriedSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Prometheus extends AsyncDisposable {
  readonly url: string;
  /** An instant query; at `time` (in seconds) or now. */
  query(expression: string, time?: number): Promise<readonly QueriedSeries[]>;
  /** What it logged at level warn or above, so far. */
  warnings(): readonly string[];
}

/** A real Prometheus on a free port of loopback, with its data in a folder of its own. */
export async function startPrometheus(config: string): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'livestream-prometheus-'));
  writeFileSync(join(folder, 'prometheus.yml'), config);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.format=json',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });

  const prometheus: Prometheus = {
    url,
    async query(expression, time) {
      const at = time === undefined ? '' : `&time=${time}`;
      const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}${at}`);
      const answer: unknown = await response.json();
      return toSeries(answer, expression);
    },
    warnings: () => log.split('\n').filter((line) => /"level":"(warn|error)"/.test(line)),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await waitFor('Prometheus to be ready', async () => {
    if (child.exitCode !== null) throw new Error(`Prometheus ended: ${log}`);
    const ready = await fetch(`${url}/-/ready`).catch(() => undefined);
    return ready?.ok ? true : undefined;
  });
  return prometheus;
}

/**
 * increase() of each series, by these labels, asked for at the very moment of the last scrape: so there is nothing to extrapolate, neither
 * there nor at the beginning, where the counter is 0.
 */
export async function increases(
  prometheus: Prometheus,
  metric: string,
  ...labels: readonly string[]
): Promise<Record<string, number>> {
  const [last] = await prometheus.query(`max(timestamp(${metric}))`);
  const series = await prometheus.query(`increase(${metric}[10m])`, last?.value);
  return Object.fromEntries(
    series.map(({ metric: { ...own }, value }) => [labels.map((label) => own[label]).join(' '), value]),
  );
}

function toSeries(answer: unknown, expression: string): readonly QueriedSeries[] {
  // The shape is that of Prometheus' HTTP API, "instant queries".
  const { status, error, data } = answer as {
    status: string;
    error?: string;
    data?: { result: readonly { metric: Record<string, string>; value: [number, string] }[] };
  };
  if (status !== 'success' || data === undefined) throw new Error(`${expression}: ${error}`);
  return data.result.map(({ metric, value: [, text] }) => ({ metric, value: parseValue(text) }));
}
