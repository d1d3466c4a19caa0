import { parseArgs } from 'node:util';

export const usage = `Usage: npm run chaos -- [--minutes N] [--seed N]

Runs an exporter against simulated providers and injects faults: network and API faults, late and incomplete data, long
windows without a response, failing disk writes, a hung disk, a deleted state, another writer on the state, wrong clocks,
and kill -9 at random times. A real Prometheus scrapes it. At the end, compares every total with the ground truth.

  --minutes N  duration of the fault injection, 2 to 240 (default 10); the run takes about a minute longer
  --seed N     seed of the faults, kills and scenario (default 1); real time still differs between runs
  --help       print this help

Exit code: 0 if all checks pass, 1 if a check fails, 2 for invalid flags or missing tools.
`;

export interface ChaosFlags {
  readonly minutes: number;
  readonly seed: number;
}

/** Parses the arguments; `problem` explains invalid ones. */
export function parseFlags(args: readonly string[]): ChaosFlags | { readonly problem: string } | 'help' {
  let values: { readonly minutes: string; readonly seed: string; readonly help: boolean };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string', default: '10' },
        seed: { type: 'string', default: '1' },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  if (values.help) return 'help';
  const minutes = parseInteger(values.minutes);
  const seed = parseInteger(values.seed);
  if (minutes === undefined || minutes < 2 || minutes > 240) {
    return { problem: `--minutes: expected a whole number from 2 to 240, got "${values.minutes}"` };
  }
  if (seed === undefined) return { problem: `--seed: expected a whole number, got "${values.seed}"` };
  return { minutes, seed };
}

function parseInteger(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
