import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { minuteMs, secondMs } from '../../src/model/time.ts';
import { toTable } from '../chaos/table.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { shippedPrometheusConfig } from '../support/shipped-config.ts';
import { startHealthyExporter } from './healthy-hours.ts';
import { healthyRules } from './healthy-hours-check.ts';
import { scrapeMs } from './recorded.ts';

/*
 * npm run rules-cost -- [--streams N] [--minutes N]: a real Prometheus evaluates the rules for N healthy
 * streams (default 2000) for some minutes (default 10). Prints the seconds that each group takes.
 */
const { values } = parseArgs({
  options: { streams: { type: 'string', default: '2000' }, minutes: { type: 'string', default: '10' } },
});
const streams = Number(values.streams);
const minutes = Number(values.minutes);
if (!(streams >= 1 && streams <= 20_000 && minutes >= 2 && minutes <= 240)) {
  process.stderr.write('rules-cost: expected --streams from 1 to 20000 and --minutes from 2 to 240\n');
  process.exitCode = 2;
} else if (spawnSync('prometheus', ['--version']).error !== undefined) {
  process.stderr.write('rules-cost: prometheus not found on the PATH; install Prometheus\n');
  process.exitCode = 2;
} else {
  await measure();
}

async function measure(): Promise<void> {
  await using parts = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'livestream-rules-cost-'));
  parts.defer(() => rmSync(directory, { recursive: true, force: true }));
  const rules = join(directory, 'livestream.rules.yml');
  writeFileSync(rules, healthyRules);
  const exporter = parts.use(await startHealthyExporter({ streams, seed: 1 }, Date.now()));
  let text = '';
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4').end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  parts.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  const bound = server.address();
  const address = `127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
  // Nobody listens there: notifications do not matter here.
  const config = shippedPrometheusConfig({ exporter: address, alertmanager: '127.0.0.1:1', rules });
  const prometheus = parts.use(await startPrometheus(config));

  const durations = new Map<string, number[]>();
  const cpu: { readonly at: number; readonly seconds: number }[] = [];
  const end = performance.now() + minutes * minuteMs;
  for (let next = performance.now(); next < end; next += scrapeMs) {
    await exporter.advance();
    text = await exporter.scrape();
    const own = await ownMetrics(prometheus.url);
    for (const [group, seconds] of lastDurations(own)) {
      durations.set(group, [...(durations.get(group) ?? []), seconds]);
    }
    cpu.push({ at: performance.now(), seconds: cpuSeconds(own) });
    await sleep(Math.max(0, next + scrapeMs - performance.now()));
  }
  const [series] = await prometheus.query('count({job="livestream-exporter"})');
  const rows = [...durations].map(([group, all]) => {
    // The first half has no history to read.
    const last = all.slice(all.length / 2).toSorted((a, b) => a - b);
    return [group, text3(last[Math.floor(last.length / 2)]), text3(last.at(-1))];
  });
  process.stdout.write(
    `${streams} streams, ${series?.value} series, last half of ${minutes} minutes, load ${loadavg()[0]?.toFixed(1)}\n` +
      toTable([['group', 'median s', 'longest s'], ...rows]) +
      `Prometheus used ${coresOf(cpu.slice(cpu.length / 2)).toFixed(2)} cores, with its scrapes\n`,
  );
}

/** Returns the number of cores that were busy, which does not depend on the load of the machine. */
function coresOf(cpu: readonly { readonly at: number; readonly seconds: number }[]): number {
  const [first, last] = [cpu[0], cpu.at(-1)];
  if (first === undefined || last === undefined) return Number.NaN;
  return ((last.seconds - first.seconds) * secondMs) / (last.at - first.at);
}

function text3(seconds: number | undefined): string {
  return (seconds ?? Number.NaN).toFixed(3);
}

/** Returns what Prometheus exposes about itself. */
async function ownMetrics(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

function cpuSeconds(own: string): number {
  return Number(/^process_cpu_seconds_total (\S+)$/m.exec(own)?.[1]);
}

/** Returns the seconds of the last evaluation of each group. */
function lastDurations(own: string): readonly (readonly [string, number])[] {
  const found = own.matchAll(/^prometheus_rule_group_last_duration_seconds\{rule_group=".*;(.*)"\} (\S+)$/gm);
  return [...found].map(([, group = '', seconds]) => [group, Number(seconds)] as const);
}
