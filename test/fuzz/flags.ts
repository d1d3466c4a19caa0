import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** Returns the help text for the named targets. */
export function usageOf(names: readonly string[]): string {
  return `Usage: npm run fuzz -- [--target NAME] [--minutes N | --runs N] [--seed N] [--out DIR]
       npm run fuzz -- --replay FILE

Sends mutated input to the exporter and checks what must hold for every input: no crash, no case over 2 s, no secret and no
stack in any output, a steady heap, and laws of each target.

  --target NAME  one of ${names.join(', ')} (default: all, in turn)
  --minutes N    time of the whole run, 1 to 1440, shared by the targets (default 5)
  --runs N       cases of each target, 1 to 100000000, instead of a time
  --seed N       seed of the cases, 0 to 4294967295 (default: a random one)
  --out DIR      directory for the inputs that fail (default: livestream-fuzz in the directory for temporary files)
  --replay FILE  check the input of a file in this directory again
  --help         print this help

Exit code: 0 if no case fails, 1 if a case fails, 2 for invalid flags.
`;
}

export interface FuzzFlags {
  /** undefined: all targets. */
  readonly target: string | undefined;
  /** Time of the whole run in minutes; undefined if `runs` is set. */
  readonly minutes: number | undefined;
  /** Number of cases of each target. */
  readonly runs: number | undefined;
  readonly seed: number;
  readonly out: string;
  /** File with one failed input, which is checked instead of a run. */
  readonly replay: string | undefined;
}

/** Parses the arguments; `problem` explains invalid ones. `randomSeed` is the seed if there is no flag. */
export function parseFlags(
  args: readonly string[],
  names: readonly string[],
  randomSeed: number,
): FuzzFlags | { readonly problem: string } | 'help' {
  const text = { type: 'string' } as const;
  const options = { target: text, minutes: text, runs: text, seed: text, out: text, replay: text };
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', default: false } },
    });
    if (values.help) return 'help';
    const { target, minutes, runs, replay } = values;
    if (target !== undefined && !names.includes(target)) {
      throw new Error(`--target: expected one of ${names.join(', ')}, got "${target}"`);
    }
    if (minutes !== undefined && runs !== undefined) throw new Error('use --minutes or --runs, not both');
    return {
      target,
      minutes: runs === undefined ? toNumber('minutes', minutes ?? '5', 1, 1440) : undefined,
      runs: runs === undefined ? undefined : toNumber('runs', runs, 1, 100_000_000),
      seed: toNumber('seed', values.seed ?? String(randomSeed), 0, 2 ** 32 - 1),
      out: values.out ?? join(tmpdir(), 'livestream-fuzz'),
      replay,
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function toNumber(name: string, text: string, min: number, max: number): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new Error(`--${name}: expected a whole number from ${min} to ${max}, got "${text}"`);
}
