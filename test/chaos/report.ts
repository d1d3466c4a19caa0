import type { Inflicted } from './fault-proxy.ts';
import { faultKinds, windowKinds } from './faults.ts';
import { minimumsOf, shortLifeMs } from './plan.ts';
import { toTable } from './table.ts';
import { type Comparison, findingsOf, number } from './verdict.ts';

/** Result of a run. */
export interface Outcome {
  readonly minutes: number;
  readonly seed: number;
  readonly tookMs: number;
  /** Time after the last fault and the last kill. */
  readonly calmMs: number;
  readonly kills: number;
  /** Kills within `shortLifeMs` after the start. */
  readonly earlyKills: number;
  /** Requests at the proxy. */
  readonly calls: number;
  readonly inflicted: readonly Inflicted[];
  readonly dnsFailures: number;
  /** Periods with failing writes, and kills while writes fail. */
  readonly storageFaults: number;
  readonly storageKills: number;
  /** Deletions of the state while the exporter runs, and periods in which another process writes to it. */
  readonly stateDeletions: number;
  readonly foreignWriters: number;
  readonly hungDisks: number;
  /** Clock steps while the exporter runs, and starts with a wrong clock. */
  readonly clockSteps: number;
  readonly wrongStarts: number;
  /** Phases of late samples during which the exporter ran. */
  readonly latePhases: number;
  /** Samples without a frame rate or a bit rate. */
  readonly partialSamples: number;
  /** Maximum number of unreadable rows that one process has received. */
  readonly unreadableRows: number;
  readonly comparisons: readonly Comparison[];
  /** All counters of streams and control actions, with the series that decreased. */
  readonly counters: readonly {
    readonly metric: string;
    readonly series: number;
    readonly resets: readonly string[];
  }[];
  readonly gapSeconds: number;
  readonly stateResets: number;
  readonly scrapes: { readonly successful: number; readonly failed: number; readonly maxGapMs: number };
}

/** Returns all failed checks, one short sentence each. A run with too few events fails too. */
export function judge(outcome: Outcome): readonly string[] {
  const { minutes, kills, comparisons, counters, gapSeconds, stateResets } = outcome;
  const minimums = minimumsOf(minutes);
  const requireMin = (what: string, wanted: number, reached: number) =>
    reached < wanted ? [`too few ${what}: ${number(reached)} of ${number(wanted)}`] : [];
  return [
    ...comparisons.flatMap(findingsOf),
    ...counters.flatMap(({ metric, series, resets }) => [
      ...(resets.length > 0 ? [`${metric} decreased in ${resets.length} series, such as ${resets[0]}`] : []),
      ...(series === 0 ? [`${metric}: no series in Prometheus`] : []),
    ]),
    ...(gapSeconds > 0 ? [`history gap of ${number(gapSeconds)} s`] : []),
    ...(stateResets > 0 ? [`the state was reset ${stateResets} times`] : []),
    ...requireMin('kills', minimums.kills, kills),
    ...requireMin('periods with failing writes', minimums.storageFaults, outcome.storageFaults),
    ...requireMin('kills while writes fail', minimums.storageKills, outcome.storageKills),
    ...requireMin('deletions of the state', minimums.stateDeletions, outcome.stateDeletions),
    ...requireMin('periods with a foreign writer', minimums.foreignWriters, outcome.foreignWriters),
    ...requireMin('periods with a hung disk', minimums.hungDisks, outcome.hungDisks),
    ...requireMin('clock steps', minimums.clockSteps, outcome.clockSteps),
    ...requireMin('starts with a wrong clock', minimums.wrongStarts, outcome.wrongStarts),
    ...requireMin('samples', minimums.samples, truthOf(comparisons, 'livestream_push_samples_total')),
    ...requireMin('actions', minimums.actions, truthOf(comparisons, 'livestream_control_actions_total')),
    ...requireMin('phases of late samples', minimums.latePhases, outcome.latePhases),
    ...requireMin('samples that lack a value', minimums.partialSamples, outcome.partialSamples),
    ...requireMin('unreadable rows', 1, outcome.unreadableRows),
    ...countsOf(outcome).flatMap(({ kind, all }) =>
      requireMin(`faults ${kind}`, leastOf(kind, minutes), all),
    ),
  ];
}

/** Returns the report; its last line is the verdict. */
export function toReport(outcome: Outcome): string {
  const { minutes, seed, tookMs, calmMs, kills, earlyKills, calls, comparisons, counters, scrapes } = outcome;
  const findings = judge(outcome);
  const minimums = minimumsOf(minutes);
  const resetCount = counters.reduce((sum, { resets }) => sum + resets.length, 0);
  const series = counters.reduce((sum, counter) => sum + counter.series, 0);
  return [
    toTable([
      ['faults', 'tencent', 'alibaba', 'before', 'after', 'all', 'at least'],
      ...countsOf(outcome).map(({ kind, tencent, alibaba, before, after, all }) => [
        kind,
        ...[tencent, alibaba, before, after].map((count) => (count === undefined ? '' : number(count))),
        number(all),
        number(leastOf(kind, minutes)),
      ]),
    ]),
    toTable([
      ['counter', 'truth', '/metrics', 'increase()', 'lost', 'duplicated', 'wrong series'],
      ...comparisons.map(({ metric, truth, exposed, increased, lost, duplicated, mismatches }) => [
        metric,
        ...[truth, exposed, increased, lost, duplicated, mismatches.length].map(number),
      ]),
    ]),
    toTable([
      ['run', ''],
      ['seed', String(seed)],
      ['duration', `${number(Math.round(tookMs / 1_000))} s`],
      ['  without faults', `${number(Math.round(calmMs / 1_000))} s`],
      ['kill -9', atLeast(kills, minimums.kills)],
      [`  within ${shortLifeMs / 1_000} s of the start`, number(earlyKills)],
      ['  while writes fail', atLeast(outcome.storageKills, minimums.storageKills)],
      ['periods with failing writes', atLeast(outcome.storageFaults, minimums.storageFaults)],
      ['deletions of the state', atLeast(outcome.stateDeletions, minimums.stateDeletions)],
      ['periods with a foreign writer', atLeast(outcome.foreignWriters, minimums.foreignWriters)],
      ['periods with a hung disk', atLeast(outcome.hungDisks, minimums.hungDisks)],
      ['clock steps', atLeast(outcome.clockSteps, minimums.clockSteps)],
      ['starts with a wrong clock', atLeast(outcome.wrongStarts, minimums.wrongStarts)],
      ['phases of late samples', atLeast(outcome.latePhases, minimums.latePhases)],
      ['samples that lack a value', atLeast(outcome.partialSamples, minimums.partialSamples)],
      ['unreadable rows in one process', atLeast(outcome.unreadableRows, 1)],
      ['samples', atLeast(truthOf(comparisons, 'livestream_push_samples_total'), minimums.samples)],
      ['actions', atLeast(truthOf(comparisons, 'livestream_control_actions_total'), minimums.actions)],
      ['requests at the proxy', number(calls)],
      ['series with resets()', `${number(resetCount)} of ${number(series)}`],
      ['scrapes', `${number(scrapes.successful)}, plus ${number(scrapes.failed)} failed`],
      ['maximum time without a scrape', `${number(scrapes.maxGapMs / 1_000)} s`],
    ]),
    findings.length === 0 ? 'chaos: PASS\n' : `chaos: FAIL: ${findings.join('; ')}\n`,
  ].join('\n');
}

function atLeast(reached: number, wanted: number): string {
  return `${number(reached)} (at least ${number(wanted)})`;
}

function truthOf(comparisons: readonly Comparison[], metric: string): number {
  return comparisons.find((comparison) => comparison.metric === metric)?.truth ?? 0;
}

/** Returns the minimum number of faults of a kind. */
function leastOf(kind: (typeof faultKinds)[number], minutes: number): number {
  const { faultsOfEachKind, windowFaultsOfEachKind } = minimumsOf(minutes);
  return windowKinds.some((window) => window === kind) ? windowFaultsOfEachKind : faultsOfEachKind;
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
    const ofKind = inflicted.filter((fault) => fault.kind === kind);
    const at = (provider: Inflicted['provider']) =>
      ofKind.filter((fault) => fault.provider === provider).length;
    const before = ofKind.filter(({ moment }) => moment === 'before').length;
    return {
      kind,
      tencent: at('tencent'),
      alibaba: at('alibaba'),
      before,
      after: ofKind.length - before,
      all: ofKind.length,
    };
  });
}
