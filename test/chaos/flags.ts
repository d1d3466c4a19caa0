import { parseArgs } from 'node:util';

export const usage = `Usage: npm run chaos -- [--minutes N] [--seed N]

Plays both providers to an exporter under faults: broken calls on the way, a disk that refuses, a clock set wrong, kill -9
at random moments, a real Prometheus that scrapes all through. Then compares every total with what was true.

  --minutes N  how long it is under fire, 2 to 240 (default 10; 2 is the short form); about 40 s of calm come on top
  --seed N     of the draws: faults, kills and the story (default 1). The draws repeat for a seed; real time does not
  --help       this text

Exit code: 0 when all held, 1 when not, 2 for unusable flags or without Prometheus.
`;

export interface ChaosFlags {
  readonly minutes: number;
  readonly seed: number;
}

/** What the arguments ask for; `problem` is a sentence without a full stop. */
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
  const minutes = wholeNumber(values.minutes);
  const seed = wholeNumber(values.seed);
  if (minutes === undefined || minutes < 2 || minutes > 240) {
    return { problem: `--minutes: expected a whole number from 2 to 240, not "${values.minutes}"` };
  }
  if (seed === undefined) return { problem: `--seed: expected a whole number, not "${values.seed}"` };
  return { minutes, seed };
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
