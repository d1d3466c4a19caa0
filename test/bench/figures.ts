/** One quantity, measured once per round. */
export interface Figure {
  /** Unique in its cell: `plain, ours: wall`, `plain, prom-client / ours: CPU`. */
  readonly name: string;
  readonly unit: Unit;
  readonly rounds: readonly number[];
}

export type Unit = 'ms' | 'us' | 'ratio' | 'bytes' | 'kB' | 'MB' | 'count' | 's';

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Number of measured rounds and of warm-up rounds before them. */
export interface Rounds {
  readonly rounds: number;
  readonly warmUps: number;
}

/** Returns NaN without rounds. */
export function spreadOf(rounds: readonly number[]): Spread {
  const sorted = rounds.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median =
    ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

/** Returns the ratio per round, so that whatever slows a whole round down cancels out. */
export function pairedRatio(of: readonly number[], over: readonly number[]): readonly number[] {
  return of.map((value, round) => value / (over[round] ?? Number.NaN));
}
