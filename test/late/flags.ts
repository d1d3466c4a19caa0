import { parseArgs } from 'node:util';

export const usage = `Usage: npm run late -- [--hours N]

Polls a simulated provider that delivers its samples late, in virtual time, with the default config and budget: fixed
delays, backlogs that appear at once, and 1,000 streams of which 900 are offline. Compares the totals of each stream with
the truth.

  --hours N  simulated time of the cases with a fixed delay, 6 to 240 (default 24); the case with 1,000 streams takes twice
             as long, the cases with a backlog take six hours
  --help     print this help

Exit code: 0 if all cases pass, 1 if a case fails, 2 for invalid flags.
`;

export interface LateFlags {
  readonly hours: number;
}

/** Parses the arguments; `problem` explains invalid ones. */
export function parseFlags(args: readonly string[]): LateFlags | { readonly problem: string } | 'help' {
  let values: { readonly hours: string; readonly help: boolean };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: { hours: { type: 'string', default: '24' }, help: { type: 'boolean', default: false } },
    }));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  if (values.help) return 'help';
  const hours = /^\d{1,3}$/.test(values.hours) ? Number(values.hours) : Number.NaN;
  if (!(hours >= 6 && hours <= 240)) {
    return { problem: `--hours: expected a whole number from 6 to 240, got "${values.hours}"` };
  }
  return { hours };
}
