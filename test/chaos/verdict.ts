/** Values by series: its labels, in one text. */
export type Values = ReadonlyMap<string, number>;

/** One counter, held against what is true. */
export interface Comparison {
  readonly metric: string;
  /** The sums over all series. */
  readonly truth: number;
  readonly shown: number;
  readonly increased: number;
  /** Over the series that show less than is true. */
  readonly lost: number;
  /** Over the series that show more. */
  readonly twice: number;
  /** Series whose increase() is not the truth. */
  readonly mismatches: readonly string[];
}

/** Thousandths are told; beyond is what floating point makes of a difference. */
const hair = 0.0005;

export function compare(metric: string, truth: Values, shown: Values, increases: Values): Comparison {
  let lost = 0;
  let twice = 0;
  const mismatches: string[] = [];
  for (const series of new Set([...truth.keys(), ...shown.keys(), ...increases.keys()])) {
    const wanted = truth.get(series) ?? 0;
    const missing = wanted - (shown.get(series) ?? 0);
    if (missing > hair) lost += missing;
    if (missing < -hair) twice -= missing;
    const increased = increases.get(series) ?? 0;
    if (Math.abs(increased - wanted) > hair) mismatches.push(`${series}: ${increased}, truly ${wanted}`);
  }
  return {
    metric,
    truth: sum(truth),
    shown: sum(shown),
    increased: sum(increases),
    lost,
    twice,
    mismatches,
  };
}

function sum(values: Values): number {
  return [...values.values()].reduce((total, one) => total + one, 0);
}

/** What is wrong, each in a short sentence; nothing: it held. */
export function findingsOf(comparison: Comparison): readonly string[] {
  const { metric, lost, twice, mismatches } = comparison;
  const found: string[] = [];
  if (lost > 0) found.push(`${metric}: lost ${number(lost)}`);
  if (twice > 0) found.push(`${metric}: ${number(twice)} too many`);
  if (mismatches.length > 0) {
    found.push(`${metric}: increase() is wrong in ${mismatches.length} series, such as ${mismatches[0]}`);
  }
  return found;
}

/** A number of whatever kind, as a table shows it. */
export function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}
