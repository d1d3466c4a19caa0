import { toTable } from '../chaos/table.ts';
import { type ClientsOutcome, fileTolerance, hasRecovered, maxRetainedBytes } from './clients.ts';
import type { PasswordsOutcome } from './passwords.ts';
import type { Phase } from './phase.ts';
import type { Scrape } from './scraper.ts';

/** Memory in bytes that an attack can add to that of the start. */
export const maxGrowthBytes = 400e6;

/** Scrapes after an attack compared with those before: the median in relation, and a tolerance for noise in ms. */
const maxLatencyRatio = 1.5;
const toleranceMs = 100;

/** 99th percentile of the scrapes during wrong passwords, in relation to that before. */
const maxPasswordRatio = 2;

/** Time in ms until the first use of a right password is accepted during an attack. */
const maxFirstUseMs = 10_000;

/** One comparison of a figure with its limit. */
export interface Bar {
  readonly name: string;
  readonly figure: string;
  readonly limit: string;
  readonly isHeld: boolean;
}

export function clientBars({ before, attacks, after, start, ...outcome }: ClientsOutcome): readonly Bar[] {
  const { recovered, recoverySeconds, prometheus } = outcome;
  const afterMs = medianOf(after.scrapes);
  const limitMs = medianOf(before.scrapes) * maxLatencyRatio + toleranceMs;
  return [
    ...[before, ...attacks, after].map(servedBar),
    ...attacks.map((attack) => growthBar(attack, start.residentBytes)),
    {
      name: 'scrapes of a real Prometheus',
      figure:
        prometheus === undefined ? 'not installed' : `${prometheus.failed} of ${prometheus.scrapes} failed`,
      limit: '0 failed',
      isHeld: prometheus === undefined || (prometheus.failed === 0 && prometheus.scrapes > 0),
    },
    {
      name: 'recovery of files and memory',
      figure: `${recovered.files} files, ${toMegabytes(recovered.residentBytes)} after ${recoverySeconds.toFixed(0)} s`,
      limit: `${start.files + fileTolerance} files, ${toMegabytes(start.residentBytes + maxRetainedBytes)}`,
      isHeld: hasRecovered(recovered, start),
    },
    {
      name: 'recovery of the median scrape',
      figure: toMs(afterMs),
      limit: toMs(limitMs),
      isHeld: afterMs <= limitMs,
    },
  ];
}

export function passwordBars({ before, attack, after, firstUses, start }: PasswordsOutcome): readonly Bar[] {
  const limitMs = p99Of(before.scrapes) * maxPasswordRatio;
  const attackMs = p99Of(attack.scrapes);
  const { logins = 0 } = attack.counts.wrongPasswords ?? {};
  const accepted = attack.counts.wrongPasswords?.['HTTP 200'] ?? 0;
  return [
    ...[before, attack, after].map(servedBar),
    growthBar(attack, start.residentBytes),
    { name: 'p99 of scrapes', figure: toMs(attackMs), limit: toMs(limitMs), isHeld: attackMs <= limitMs },
    {
      name: 'wrong passwords accepted',
      figure: `${accepted} of ${logins}`,
      limit: '0',
      isHeld: accepted === 0 && logins > 0,
    },
    ...firstUses.map(({ address, ms, refusals }) => ({
      name: `first use of a password from ${address}`,
      figure: ms === undefined ? 'never accepted' : `${toMs(ms)}, ${refusals} refusals`,
      limit: toMs(maxFirstUseMs),
      isHeld: ms !== undefined && ms <= maxFirstUseMs,
    })),
  ];
}

/** All scrapes must be complete within the timeout. */
function servedBar({ name, scrapes }: Phase): Bar {
  const failed = scrapes.filter(({ failure }) => failure !== undefined);
  return {
    name: `${name}: failed scrapes`,
    figure: `${failed.length} of ${scrapes.length}`,
    limit: '0',
    isHeld: failed.length === 0 && scrapes.length > 0,
  };
}

function growthBar({ name, peakBytes }: Phase, startBytes: number): Bar {
  const growth = Math.max(0, peakBytes - startBytes);
  return {
    name: `${name}: memory growth`,
    figure: toMegabytes(growth),
    limit: toMegabytes(maxGrowthBytes),
    isHeld: growth <= maxGrowthBytes,
  };
}

/** Returns a table of the phases and what their clients counted. */
export function toPhaseReport(phases: readonly Phase[]): string {
  const header = ['phase', 'scrapes', 'median', 'p99', 'longest', 'cores', 'memory', 'sockets'];
  return [
    toTable([
      header,
      ...phases.map(({ name, scrapes, cores, peakBytes, peakSockets }) => [
        name,
        String(scrapes.length),
        toMs(medianOf(scrapes)),
        toMs(p99Of(scrapes)),
        toMs(quantileOf(scrapes, 1)),
        cores.toFixed(2),
        toMegabytes(peakBytes),
        String(peakSockets),
      ]),
    ]),
    ...phases.flatMap(({ name, counts }) =>
      Object.entries(counts).map(([attack, events]) => `${name}: ${attack}: ${toList(events)}\n`),
    ),
    ...phases.flatMap(({ name, scrapes }) => {
      const failures = countBy(scrapes.flatMap(({ failure }) => failure ?? []));
      return Object.keys(failures).length === 0 ? [] : [`${name}: failed scrapes: ${toList(failures)}\n`];
    }),
  ].join('');
}

/** Returns the report; its last line is the verdict. */
export function toBarReport(bars: readonly Bar[]): string {
  const missed = bars.filter(({ isHeld }) => !isHeld).length;
  return [
    toTable([
      ['bar', 'figure', 'limit', 'verdict'],
      ...bars.map(({ name, figure, limit, isHeld }) => [name, figure, limit, isHeld ? 'PASS' : 'FAIL']),
    ]),
    missed === 0 && bars.length > 0
      ? `load: PASS, ${bars.length} bars\n`
      : `load: FAIL, ${missed} of ${bars.length} bars\n`,
  ].join('');
}

const medianOf = (scrapes: readonly Scrape[]) => quantileOf(scrapes, 0.5);
const p99Of = (scrapes: readonly Scrape[]) => quantileOf(scrapes, 0.99);

function quantileOf(scrapes: readonly Scrape[], quantile: number): number {
  const sorted = scrapes.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? 0;
}

function countBy(texts: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}

function toList(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}

const toMs = (ms: number) => `${ms.toFixed(0)} ms`;
const toMegabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
