import { toTable } from '../chaos/table.ts';

/** Totals of one stream. */
export interface StreamTotals {
  readonly samples: number;
  /** The frame rates differ, so this sum shows a lost sample even if another one is counted twice. */
  readonly milliframes: number;
  readonly missingMs: number;
  readonly sessions: number;
}

/** Result of one case. */
export interface Outcome {
  readonly name: string;
  readonly streams: readonly { readonly counted: StreamTotals; readonly truth: StreamTotals }[];
  /** Longest time from the start until the state of a stream was right, in ms. Infinity if it never was. */
  readonly rightAfterMs: number;
  /** How often a live stream was shown as down. */
  readonly falseDowns: number;
  /** Whether `falseDowns` must be 0. */
  readonly judgesDown: boolean;
  readonly requests: number;
  /** Requests for empty ranges; part of `requests`. */
  readonly rechecks: number;
}

/** Longest allowed time in ms until `livestream_push_up` is right after the start. */
const maxLearningMs = 120_000;

/** Maximum share of the requests for empty ranges. */
const maxRecheckShare = 0.05;

const names: Readonly<Record<keyof StreamTotals, string>> = {
  samples: 'samples',
  milliframes: 'frames',
  missingMs: 'missing time',
  sessions: 'sessions',
};

/** Returns all failed checks of a case, one short sentence each. */
export function problemsOf({ streams, rightAfterMs, falseDowns, judgesDown, ...outcome }: Outcome): string[] {
  const problems: string[] = [];
  if (streams.length === 0) problems.push('no streams');
  for (const [key, name] of Object.entries(names) as [keyof StreamTotals, string][]) {
    const wrong = streams.filter(({ counted, truth }) => counted[key] !== truth[key]);
    const [first] = wrong;
    if (first === undefined) continue;
    const example = `${first.counted[key]} instead of ${first.truth[key]}`;
    problems.push(`wrong ${name} of ${wrong.length} streams, such as ${example}`);
  }
  if (rightAfterMs > maxLearningMs) problems.push(`push_up was wrong for ${rightAfterMs / 1000} s`);
  if (judgesDown && falseDowns > 0) problems.push(`${falseDowns} times push_up 0 of a live stream`);
  if (shareOf(outcome) >= maxRecheckShare)
    problems.push(`${percent(outcome)} % of the requests are rechecks`);
  return problems;
}

/** Returns the report; its last line is the verdict. */
export function toReport(outcomes: readonly Outcome[]): string {
  const failed = outcomes.filter((outcome) => problemsOf(outcome).length > 0);
  return [
    toTable([
      [
        'case',
        'streams',
        'samples',
        'true',
        'missing s',
        'true',
        'sessions',
        'true',
        'right after s',
        'false 0',
        'requests',
        'rechecks %',
        'verdict',
      ],
      ...outcomes.map(toRow),
    ]),
    'right after s: time from the start until push_up is right for all streams\n',
    'false 0: how often push_up was 0 although the stream was live; in brackets if this is a known limit\n',
    ...failed.flatMap((outcome) =>
      problemsOf(outcome).map(
        (problem) => `${outcome.name}, ${toCount(outcome.streams.length)} streams: ${problem}\n`,
      ),
    ),
    failed.length === 0 && outcomes.length > 0
      ? `late: PASS, ${outcomes.length} cases\n`
      : `late: FAIL, ${failed.length} of ${outcomes.length} cases\n`,
  ].join('');
}

function toRow(outcome: Outcome): string[] {
  const { name, streams, rightAfterMs, falseDowns, judgesDown, requests } = outcome;
  const sum = (totalOf: (totals: StreamTotals) => number, of: 'counted' | 'truth') =>
    toCount(streams.reduce((total, stream) => total + totalOf(stream[of]), 0));
  const both = (totalOf: (totals: StreamTotals) => number) => [
    sum(totalOf, 'counted'),
    sum(totalOf, 'truth'),
  ];
  return [
    name,
    toCount(streams.length),
    ...both(({ samples }) => samples),
    ...both(({ missingMs }) => missingMs / 1000),
    ...both(({ sessions }) => sessions),
    toCount(rightAfterMs / 1000),
    judgesDown ? toCount(falseDowns) : `(${toCount(falseDowns)})`,
    toCount(requests),
    percent(outcome),
    problemsOf(outcome).length === 0 ? 'PASS' : 'FAIL',
  ];
}

function shareOf({ requests, rechecks }: Pick<Outcome, 'requests' | 'rechecks'>): number {
  return requests === 0 ? 0 : rechecks / requests;
}

function percent(outcome: Pick<Outcome, 'requests' | 'rechecks'>): string {
  return (100 * shareOf(outcome)).toFixed(2);
}

function toCount(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 1 });
}
