import type { Inflicted } from './fault-proxy.ts';
import { faultKinds } from './faults.ts';
import { barsOf, shortLifeMs } from './plan.ts';
import { toTable } from './table.ts';
import { type Comparison, findingsOf, number } from './verdict.ts';

/** All that a run brought. */
export interface Outcome {
  readonly minutes: number;
  readonly seed: number;
  readonly tookMs: number;
  /** The part of it after the last fault and the last kill. */
  readonly calmMs: number;
  readonly kills: number;
  /** The part of them that came within `shortLifeMs` of the start. */
  readonly earlyKills: number;
  /** That came through to the proxy. */
  readonly calls: number;
  readonly inflicted: readonly Inflicted[];
  readonly dnsFailures: number;
  /** Times that the disk refused for a while, and kills while it refused. */
  readonly storageFaults: number;
  readonly storageKills: number;
  /** Times that the clock was set wrong under a life, and lives that started by a wrong one. */
  readonly clockJumps: number;
  readonly wrongStarts: number;
  readonly comparisons: readonly Comparison[];
  /** All counters of streams and control actions, and where one fell. */
  readonly counters: readonly {
    readonly metric: string;
    readonly series: number;
    readonly fallen: readonly string[];
  }[];
  readonly gapSeconds: number;
  readonly stateResets: number;
  readonly scrapes: { readonly well: number; readonly failed: number; readonly longestGapMs: number };
}

/** What is not as it has to be, each in a short sentence. A run that proved too little is none that held. */
export function judge(outcome: Outcome): readonly string[] {
  const { minutes, kills, comparisons, counters, gapSeconds, stateResets } = outcome;
  const bars = barsOf(minutes);
  const least = (what: string, wanted: number, reached: number) =>
    reached < wanted ? [`too few ${what}: ${number(reached)} of ${number(wanted)}`] : [];
  return [
    ...comparisons.flatMap(findingsOf),
    ...counters.flatMap(({ metric, series, fallen }) => [
      ...(fallen.length > 0 ? [`${metric} fell in ${fallen.length} series, such as ${fallen[0]}`] : []),
      ...(series === 0 ? [`${metric}: Prometheus has no series of it`] : []),
    ]),
    ...(gapSeconds > 0 ? [`${number(gapSeconds)} s could no longer be asked about`] : []),
    ...(stateResets > 0 ? [`the state was begun anew ${stateResets} times`] : []),
    ...least('kills', bars.kills, kills),
    ...least('times that the disk refused', bars.storageFaults, outcome.storageFaults),
    ...least('kills while the disk refused', bars.storageKills, outcome.storageKills),
    ...least('times that the clock was set wrong', bars.clockJumps, outcome.clockJumps),
    ...least('starts by a wrong clock', bars.wrongStarts, outcome.wrongStarts),
    ...least('samples', bars.samples, truthOf(comparisons, 'livestream_push_samples_total')),
    ...least('actions', bars.actions, truthOf(comparisons, 'livestream_control_actions_total')),
    ...countsOf(outcome).flatMap(({ kind, all }) => least(`faults ${kind}`, bars.faultsOfEachKind, all)),
  ];
}

/** The whole report; its last line is the verdict. */
export function toReport(outcome: Outcome): string {
  const { minutes, seed, tookMs, calmMs, kills, earlyKills, calls, comparisons, counters, scrapes } = outcome;
  const findings = judge(outcome);
  const bars = barsOf(minutes);
  const fell = counters.reduce((sum, { fallen }) => sum + fallen.length, 0);
  const series = counters.reduce((sum, one) => sum + one.series, 0);
  return [
    toTable([
      ['faults', 'tencent', 'alibaba', 'before', 'after', 'all', 'at least'],
      ...countsOf(outcome).map(({ kind, tencent, alibaba, before, after, all }) => [
        kind,
        ...[tencent, alibaba, before, after].map((count) => (count === undefined ? '' : number(count))),
        number(all),
        number(bars.faultsOfEachKind),
      ]),
    ]),
    toTable([
      ['counter', 'truth', '/metrics', 'increase()', 'lost', 'twice', 'series off'],
      ...comparisons.map(({ metric, truth, shown, increased, lost, twice, mismatches }) => [
        metric,
        ...[truth, shown, increased, lost, twice, mismatches.length].map(number),
      ]),
    ]),
    toTable([
      ['run', ''],
      ['seed', String(seed)],
      ['duration', `${number(Math.round(tookMs / 1_000))} s`],
      ['  of it calm', `${number(Math.round(calmMs / 1_000))} s`],
      ['kill -9', atLeast(kills, bars.kills)],
      [`  within ${shortLifeMs / 1_000} s of the start`, number(earlyKills)],
      ['  while the disk refused', atLeast(outcome.storageKills, bars.storageKills)],
      ['the disk refused for a while', atLeast(outcome.storageFaults, bars.storageFaults)],
      ['the clock was set wrong', atLeast(outcome.clockJumps, bars.clockJumps)],
      ['started by a wrong clock', atLeast(outcome.wrongStarts, bars.wrongStarts)],
      ['samples', atLeast(truthOf(comparisons, 'livestream_push_samples_total'), bars.samples)],
      ['actions', atLeast(truthOf(comparisons, 'livestream_control_actions_total'), bars.actions)],
      ['calls at the proxy', number(calls)],
      ['series with resets()', `${number(fell)} of ${number(series)}`],
      ['scrapes', `${number(scrapes.well)}, and ${number(scrapes.failed)} that met nobody`],
      ['longest time without a scrape', `${number(scrapes.longestGapMs / 1_000)} s`],
    ]),
    findings.length === 0 ? 'chaos: held\n' : `chaos: BROKEN: ${findings.join('; ')}\n`,
  ].join('\n');
}

function atLeast(reached: number, wanted: number): string {
  return `${number(reached)} (at least ${number(wanted)})`;
}

function truthOf(comparisons: readonly Comparison[], metric: string): number {
  return comparisons.find((comparison) => comparison.metric === metric)?.truth ?? 0;
}

function countsOf({ inflicted, dnsFailures }: Outcome) {
  return faultKinds.map((kind) => {
    if (kind === 'dns') {
      return {
        kind,
        tencent: undefined,
        alibaba: undefined,
        before: dnsFailures,
        after: undefined,
        all: dnsFailures,
      };
    }
    const own = inflicted.filter((fault) => fault.kind === kind);
    const at = (provider: Inflicted['provider']) => own.filter((fault) => fault.provider === provider).length;
    const before = own.filter(({ moment }) => moment === 'before').length;
    return {
      kind,
      tencent: at('tencent'),
      alibaba: at('alibaba'),
      before,
      after: own.length - before,
      all: own.length,
    };
  });
}
