/** Values by series; the key contains the label values. */
export type Values = ReadonlyMap<string, number>;

/** Comparison of one counter with the ground truth. */
export interface Comparison {
  readonly metric: string;
  /** Sums over all series. */
  readonly truth: number;
  readonly exposed: number;
  readonly increased: number;
  /** Sum of the differences of series that are too low. */
  readonly lost: number;
  /** Sum of the differences of series that are too high. */
  readonly duplicated: number;
  /** Series with a wrong increase(). */
  readonly mismatches: readonly string[];
}

/** Tolerance for rounding errors; the values have a resolution of 1/1000. */
const tolerance = 0.0005;

export function compare(metric: string, truth: Values, exposed: Values, increases: Values): Comparison {
  let lost = 0;
  let duplicated = 0;
  const mismatches: string[] = [];
  for (const series of new Set([...truth.keys(), ...exposed.keys(), ...increases.keys()])) {
    const expected = truth.get(series) ?? 0;
    const missing = expected - (exposed.get(series) ?? 0);
    if (missing > tolerance) lost += missing;
    if (missing < -tolerance) duplicated -= missing;
    const increased = increases.get(series) ?? 0;
    if (Math.abs(increased - expected) > tolerance)
      mismatches.push(`${series}: ${increased}, expected ${expected}`);
  }
  return {
    metric,
    truth: sum(truth),
    exposed: sum(exposed),
    increased: sum(increases),
    lost,
    duplicated,
    mismatches,
  };
}

function sum(values: Values): number {
  return [...values.values()].reduce((total, value) => total + value, 0);
}

/** Returns the failed checks, one short sentence each; empty if all values are exact. */
export function findingsOf(comparison: Comparison): readonly string[] {
  const { metric, lost, duplicated, mismatches } = comparison;
  const found: string[] = [];
  if (lost > 0) found.push(`${metric}: lost ${number(lost)}`);
  if (duplicated > 0) found.push(`${metric}: ${number(duplicated)} too many`);
  if (mismatches.length > 0) {
    found.push(`${metric}: increase() is wrong in ${mismatches.length} series, such as ${mismatches[0]}`);
  }
  return found;
}

/** Formats a number for a table. */
export function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}
