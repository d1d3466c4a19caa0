import { setTimeout as sleep } from 'node:timers/promises';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import type { AttackOrder } from './attacker.ts';
import type { LoadSettings } from './flags.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { type Phase, runPhase } from './phase.ts';
import { type ProcessFigures, readFigures } from './process-figures.ts';
import { timeoutSeconds } from './scraper.ts';

/** What the part with hostile clients has shown. */
export interface ClientsOutcome {
  readonly before: Phase;
  readonly attacks: readonly Phase[];
  readonly after: Phase;
  readonly start: ProcessFigures;
  /** Resources after the recovery. */
  readonly recovered: ProcessFigures;
  readonly recoverySeconds: number;
  /** Scrapes of a real Prometheus during all phases; undefined if it is not installed. */
  readonly prometheus: { readonly scrapes: number; readonly failed: number } | undefined;
}

/** Attacks that run one after another. */
const attacks: readonly { readonly name: string; readonly attacks: AttackOrder['attacks'] }[] = [
  {
    name: '1,000 slow headers, 1,000 idle, 50 scrapers',
    attacks: [
      { name: 'slowHeaders', size: 1_000 },
      { name: 'idle', size: 1_000 },
      { name: 'scrapers', size: 50 },
    ],
  },
  { name: '200 slow readers', attacks: [{ name: 'slowReaders', size: 200 }] },
  {
    name: '50 huge headers, 20 endless bodies',
    attacks: [
      { name: 'hugeHeaders', size: 50 },
      { name: 'hugeBodies', size: 20 },
    ],
  },
  { name: '500 resets per second', attacks: [{ name: 'resets', size: 500 }] },
  { name: '1,500 silent connections', attacks: [{ name: 'silent', size: 1_500 }] },
];

/** Time in ms within which the resources return to those of the start. */
const recoveryMs = 60_000;

/** Scrape interval of the real Prometheus in seconds. Its timeout is as long, so it cannot be shorter. */
const prometheusSeconds = timeoutSeconds;

export async function runClients(
  settings: LoadSettings,
  onPhase: (name: string) => void = () => undefined,
): Promise<ClientsOutcome> {
  const { streams, seconds } = settings;
  await using fleet = await startFleet(streams);
  const phase = (options: Omit<Parameters<typeof runPhase>[2], 'seconds'>) => {
    onPhase(options.name);
    return runPhase(fleet, settings, { ...options, seconds });
  };
  await using prometheus = await startPrometheusFor(fleet);
  const before = await phase({ name: 'before', attacks: [] });
  const start = await readFigures(fleet.pid);
  const phases: Phase[] = [];
  for (const attack of attacks) phases.push(await phase(attack));
  const endedAt = performance.now();
  onPhase('recovery');
  let recovered = await readFigures(fleet.pid);
  while (!hasRecovered(recovered, start) && performance.now() - endedAt < recoveryMs) {
    await sleep(500);
    recovered = await readFigures(fleet.pid);
  }
  const recoverySeconds = (performance.now() - endedAt) / 1_000;
  const after = await phase({ name: 'after', attacks: [] });
  return {
    before,
    attacks: phases,
    after,
    start,
    recovered,
    recoverySeconds,
    prometheus: await scrapesOf(prometheus),
  };
}

/** Number of files by which the exporter may differ from its start: those of its own connections and saves. */
export const fileTolerance = 8;
/**
 * Memory in bytes by which the exporter can exceed its start after the recovery. V8 keeps the young generation that it
 * has grown to (up to 2 x 64 MB at 10,000 streams), and lets the old one grow to twice its live size of about 130 MB.
 */
export const maxRetainedBytes = 250e6;

export function hasRecovered(now: ProcessFigures, start: ProcessFigures): boolean {
  return (
    now.files <= start.files + fileTolerance && now.residentBytes <= start.residentBytes + maxRetainedBytes
  );
}

/**
 * Starts a real Prometheus that keeps only a few series, because its own memory is not the subject. Resolves with
 * undefined if it is not installed.
 */
async function startPrometheusFor({ url }: Fleet): Promise<Prometheus | undefined> {
  return startPrometheus(`
global: {scrape_interval: ${prometheusSeconds}s, scrape_timeout: ${timeoutSeconds}s}
scrape_configs:
  - job_name: exporter
    static_configs: [{targets: ["${new URL(url).host}"]}]
    metric_relabel_configs: [{source_labels: [__name__], regex: livestream_exporter_build_info, action: keep}]
`).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
}

async function scrapesOf(prometheus: Prometheus | undefined): Promise<ClientsOutcome['prometheus']> {
  if (prometheus === undefined) return undefined;
  const lastOf = async (expression: string) => (await prometheus.query(expression))[0]?.value ?? 0;
  const scrapes = await lastOf('count_over_time(up[1h])');
  return { scrapes, failed: scrapes - (await lastOf('sum_over_time(up[1h])')) };
}
