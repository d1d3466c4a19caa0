import { parseArgs } from 'node:util';

/** Parsed command line. */
export type CommandLine =
  | { readonly what: 'help' }
  | { readonly what: 'unusable'; readonly problem: string }
  | {
      readonly what: 'run';
      /** In the order of definition, without duplicates. */
      readonly cells: readonly string[];
      readonly rounds: number;
      readonly isShort: boolean;
      readonly isStrict: boolean;
      /** undefined: a new file in the temporary directory. */
      readonly json: string | undefined;
      /** Page whose tables are replaced. */
      readonly page: string | undefined;
    };

/** A median of fewer rounds says little on a machine that also runs other programs. */
export const defaultRounds = 9;
const maxRounds = 99;

export function usage(cells: readonly { readonly name: string; readonly about: string }[]): string {
  const lines = cells.map(({ name, about }) => `  ${name.padEnd(14)} ${about}`);
  return `Usage: npm run bench -- [flags]

Measures the exporter, compares it with prom-client and others, and reports which bars are held.

  --cell NAME    run only this cell; can be repeated
  --rounds N     number of measurements, from 1 to ${maxRounds} (default: ${defaultRounds})
  --short        smoke test with tiny sizes, in seconds; no bars
  --strict       exit with 1 if a bar is missed
  --json FILE    output file (default: a new file in the temporary directory)
  --page FILE    replace the tables between the marker comments of this page
  --help         show this text

Cells:
${lines.join('\n')}
`;
}

/** Parses the command line. `known` are the names of the cells. */
export function parseFlags(args: readonly string[], known: readonly string[]): CommandLine {
  const parsed = parse(args);
  if ('problem' in parsed) return { what: 'unusable', problem: parsed.problem };
  const { values } = parsed;
  if (values.help) return { what: 'help' };
  const named = values.cell ?? [];
  const unknown = named.find((name) => !known.includes(name));
  if (unknown !== undefined) return { what: 'unusable', problem: `unknown cell ${JSON.stringify(unknown)}` };
  const fallback = values.short ? 1 : defaultRounds;
  const rounds = values.rounds === undefined ? fallback : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > maxRounds) {
    return { what: 'unusable', problem: `--rounds: expected a whole number from 1 to ${maxRounds}` };
  }
  return {
    what: 'run',
    cells: known.filter((name) => named.length === 0 || named.includes(name)),
    rounds,
    isShort: values.short,
    isStrict: values.strict,
    json: values.json,
    page: values.page,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        cell: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        short: { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        json: { type: 'string' },
        page: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
