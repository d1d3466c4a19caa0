import { parseArgs } from 'node:util';
import type { ChurnSettings } from './story.ts';

export const usage = `Usage: npm run churn -- [--streams N] [--minutes N] [--percent N] [--site china|international]

Lets live streams of a simulated provider begin and end, in virtual time, with discovery and the default budget. The list
of live streams changes while its pages are read. Compares the samples of each stream with the truth, and shows how soon
streams have series and whether the heap grows.

  --streams N  streams that are live at any time, 10 to 20000 (default 5000)
  --minutes N  simulated time, 2 to 120 (default 30)
  --percent N  percentage of the streams that ends, and that begins, in each minute, 1 to 50 (default 5)
  --site SITE  china or international (default china): the latter has pages of 100 rows
  --help       print this help

Exit code: 0 if all checks pass, 1 if a check fails, 2 for invalid flags.
`;

/** Parses the arguments; `problem` explains invalid ones. */
export function parseFlags(args: readonly string[]): ChurnSettings | { readonly problem: string } | 'help' {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const options = { streams: text('5000'), minutes: text('30'), percent: text('5'), site: text('china') };
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', default: false } },
    });
    if (values.help) return 'help';
    const { site } = values;
    if (site !== 'china' && site !== 'international') throw new Error(`--site: unknown site "${site}"`);
    return {
      streams: toNumber('streams', values.streams, 10, 20_000),
      minutes: toNumber('minutes', values.minutes, 2, 120),
      percent: toNumber('percent', values.percent, 1, 50),
      site,
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function toNumber(name: string, text: string, min: number, max: number): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new Error(`--${name}: expected a whole number from ${min} to ${max}, got "${text}"`);
}
