import { spawnSync } from 'node:child_process';
import { startPrometheus } from '../support/prometheus.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Child, startChild } from './commands.ts';
import { type Figure, pairedRatio } from './figures.ts';

const sides = ['ours', 'kept', 'prom-client'] as const;
const samplesEverySeconds = 5;

/**
 * Measures `scrape_duration_seconds` of a real Prometheus for the program, while samples arrive, for bytes
 * that are only sent, and for prom-client. Returns nothing without a Prometheus on the PATH.
 */
export async function runPrometheus({
  streams,
  rounds,
  everySeconds,
}: {
  readonly streams: number;
  readonly rounds: number;
  /** Scrape interval. */
  readonly everySeconds: number;
}): Promise<readonly Figure[]> {
  if (spawnSync('prometheus', ['--version']).status !== 0) {
    console.error('SKIPPED: prometheus is not installed');
    return [];
  }
  await using stack = new AsyncDisposableStack();
  const children = new Map<string, Child>();
  const jobs: string[] = [];
  let url = '';
  for (const side of sides) {
    const child = stack.use(await startChild(`serve-${side}.ts`));
    children.set(side, child);
    const target = `127.0.0.1:${await child.ask<number>('port')}`;
    jobs.push(`  - {job_name: ${side}, static_configs: [{targets: ["${target}"]}]}`);
    if (side === 'ours') {
      url = `http://${target}/metrics`;
      await child.ask('fill', streams);
    } else await child.ask('copy', { url, format: 'text' });
  }
  await children.get('ours')?.ask('arrive', streams / samplesEverySeconds);
  const prometheus = stack.use(
    await startPrometheus(
      `global: {scrape_interval: ${everySeconds}s, scrape_timeout: ${everySeconds}s}\nscrape_configs:\n${jobs.join('\n')}\n`,
    ),
  );
  const durations = await waitFor(
    'Prometheus to have scraped often enough',
    async () => {
      const all = await scrapeDurations(prometheus.url);
      return sides.every((side) => (all.get(side)?.length ?? 0) > rounds) ? all : undefined;
    },
    (rounds + 20) * everySeconds * 1000,
  );
  // Without the first scrape, which creates the series.
  const roundsOf = (side: string) => durations.get(side)?.slice(1, rounds + 1) ?? [];
  return [
    ...sides.map(
      (side): Figure => ({ name: `scrape_duration_seconds, ${side}`, unit: 'ms', rounds: roundsOf(side) }),
    ),
    { name: 'ours / kept bytes', unit: 'ratio', rounds: pairedRatio(roundsOf('ours'), roundsOf('kept')) },
    {
      name: 'prom-client / ours',
      unit: 'ratio',
      rounds: pairedRatio(roundsOf('prom-client'), roundsOf('ours')),
    },
  ];
}

/** Returns milliseconds by job, oldest first. */
async function scrapeDurations(url: string): Promise<ReadonlyMap<string, readonly number[]>> {
  const response = await fetch(
    `${url}/api/v1/query?query=${encodeURIComponent('scrape_duration_seconds[1h]')}`,
  );
  // The shape of a range vector in the HTTP API of Prometheus.
  const { data } = (await response.json()) as {
    data: { result: readonly { metric: { job: string }; values: readonly [number, string][] }[] };
  };
  return new Map(
    data.result.map(({ metric, values }) => [
      metric.job,
      values.map(([, seconds]) => Number(seconds) * 1000),
    ]),
  );
}
