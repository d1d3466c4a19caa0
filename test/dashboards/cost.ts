import { parseArgs } from 'node:util';
import { dashboardFiles } from '../../dashboards/dashboards.ts';
import { streamLabels } from '../support/fleet-history.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { writeFleet } from '../support/written-fleet.ts';
import { type SentQuery, sentQueries } from './as-grafana.ts';

// Prints how much CPU time Prometheus needs for one refresh of each dashboard, with an hour of history of many streams.
// With --prometheus, it uses a server that already contains such a history.
const { values: flags } = parseArgs({
  options: {
    streams: { type: 'string', default: '2000' },
    range: { type: 'string', default: '3600' },
    prometheus: { type: 'string' },
    end: { type: 'string' },
    panels: { type: 'boolean', default: false },
    repeat: { type: 'string', default: '5' },
  },
});
const stepMs = 5000;
const endMs = flags.end === undefined ? Math.floor(Date.now() / stepMs) * stepMs : Number(flags.end);
const rangeSeconds = Number(flags.range);
const repeat = Number(flags.repeat);

const started =
  flags.prometheus === undefined
    ? await startPrometheus('global: {scrape_interval: 5s}\n', ['--web.enable-remote-write-receiver'])
    : undefined;
const url = flags.prometheus ?? started?.url ?? '';
try {
  if (started !== undefined) {
    await writeFleet(url, {
      streams: Number(flags.streams),
      accounts: 4,
      endMs,
      lengthMs: rangeSeconds * 1000,
      stepMs,
      hasRules: true,
      incidents: [
        { is: (stream) => stream % 97 === 0, fromMs: -600_000, toMs: 1, kind: 'low_fps' },
        { is: (stream) => stream % 301 === 5, fromMs: -900_000, toMs: 1, kind: 'missing' },
      ],
    });
  }
  const { account = '', stream = '' } = streamLabels(5, 4);
  for (const { file, language, dashboard } of dashboardFiles()) {
    if (language !== 'en') continue;
    const queries = sentQueries(dashboard, {
      rangeSeconds,
      endSeconds: endMs / 1000,
      scrapeSeconds: stepMs / 1000,
      selected: file.includes('stream.') ? { account, stream } : {},
    });
    const seconds = await cpuOf(queries);
    console.log(`${file}: ${seconds.toFixed(2)} s of CPU for ${queries.length} queries`);
    if (!flags.panels) continue;
    for (const query of queries)
      console.log(`  ${(await cpuOf([query])).toFixed(3)} ${query.title}: ${query.query.slice(0, 100)}`);
  }
} finally {
  await started?.[Symbol.asyncDispose]();
}

/** CPU time of Prometheus in seconds, the mean of several refreshes. */
async function cpuOf(queries: readonly SentQuery[]): Promise<number> {
  const before = await cpuSeconds();
  for (let i = 0; i < repeat; i++) for (const query of queries) await send(query);
  return ((await cpuSeconds()) - before) / repeat;
}

async function send({ title, query, stepSeconds }: SentQuery): Promise<void> {
  const end = Math.floor(endMs / 1000 / (stepSeconds ?? 1)) * (stepSeconds ?? 1);
  const params =
    stepSeconds === undefined
      ? new URLSearchParams({ query, time: String(end) })
      : new URLSearchParams({
          query,
          start: String(end - rangeSeconds),
          end: String(end),
          step: String(stepSeconds),
        });
  const path = stepSeconds === undefined ? 'query' : 'query_range';
  const response = await fetch(`${url}/api/v1/${path}`, { method: 'POST', body: params });
  if (!response.ok) throw new Error(`${title}: ${await response.text()}`);
  await response.arrayBuffer();
}

async function cpuSeconds(): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (\S+)$/m.exec(text)?.[1]);
}
