/** One thing measured, once in each round. */
export interface Figure {
  /** Unique in its cell: `plain, ours: wall`, `plain, prom-client / ours: CPU`. */
  readonly name: string;
  readonly unit: Unit;
  readonly rounds: readonly number[];
}

export type Unit = 'ms' | 'us' | 'ratio' | 'bytes' | 'kB' | 'MB' | 'count' | 's';

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** How often something is measured, and how often it is done before, unmeasured. */
export interface Rounds {
  readonly rounds: number;
  readonly warmUps: number;
}

/** NaN where there was no round. */
export function spreadOf(rounds: readonly number[]): Spread {
  const sorted = rounds.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median =
    ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
  return { median, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN };
}

/** Round by round, so that what slows all of a round down is not in it. */
export function pairedRatio(of: readonly number[], over: readonly number[]): readonly number[] {
  return of.map((value, round) => value / (over[round] ?? Number.NaN));
}
