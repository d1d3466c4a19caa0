import { setTimeout as sleep } from 'node:timers/promises';
import type { AttackCounts, AttackOrder } from './attacker.ts';
import { startAttacks } from './attackers.ts';
import type { LoadSettings } from './flags.ts';
import type { Fleet } from './fleet.ts';
import { type ProcessFigures, readFigures, watchPeak } from './process-figures.ts';
import { type Scrape, startScraper } from './scraper.ts';

/** What one phase has shown. */
export interface Phase {
  readonly name: string;
  /** Scrapes of the well-behaved scrapers: one that keeps its connection, and one that does not. */
  readonly scrapes: readonly Scrape[];
  readonly peakBytes: number;
  readonly peakSockets: number;
  /** Share of one core that the exporter used. */
  readonly cores: number;
  /** Counters of the attacks; empty in a phase without any. */
  readonly counts: AttackCounts;
  /** Resources at the end, after the attacks have ended. */
  readonly end: ProcessFigures;
}

export interface PhaseOptions {
  readonly name: string;
  readonly attacks: AttackOrder['attacks'];
  readonly seconds: number;
  readonly login?: string;
  /** Runs during the attack. */
  readonly meanwhile?: () => Promise<void>;
}

/** Time in ms between two scrapes of each scraper. */
const intervalMs = 500;

/** Measures the exporter for some seconds while the attacks run. */
export async function runPhase(
  fleet: Fleet,
  settings: Pick<LoadSettings, 'addresses' | 'seed'>,
  { name, attacks, seconds, login, meanwhile }: PhaseOptions,
): Promise<Phase> {
  const { url, pid } = fleet;
  const before = await readFigures(pid);
  const startedAt = performance.now();
  const endWatch = await watchPeak(pid);
  const end =
    attacks.length === 0
      ? undefined
      : startAttacks({
          port: Number(new URL(url).port),
          seed: settings.seed,
          addresses: addressesOf(settings.addresses),
          attacks,
          maxMs: 2_000 * seconds + 60_000,
        });
  // The attack is complete after a second.
  if (end !== undefined) await sleep(1_500);
  const scrapers = [true, false].map((keepAlive) => startScraper({ url, login }, { intervalMs, keepAlive }));
  await Promise.all([sleep(1_000 * seconds), meanwhile?.()]);
  const scrapes = (await Promise.all(scrapers.map((scraper) => scraper.stop()))).flat();
  const peak = await endWatch();
  const after = await readFigures(pid);
  const wallSeconds = (performance.now() - startedAt) / 1_000;
  const counts = (await end?.()) ?? {};
  return {
    name,
    scrapes,
    peakBytes: peak.residentBytes,
    peakSockets: peak.sockets,
    cores: (after.cpuSeconds - before.cpuSeconds) / wallSeconds,
    counts,
    end: await readFigures(pid),
  };
}

/** Returns loopback addresses, the first of which is that of the scrapers. */
function addressesOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `127.0.0.${i + 1}`);
}
