import { parseArgs } from 'node:util';

/** What the command line asks for. */
export type Asked =
  | { readonly what: 'help' }
  | { readonly what: 'unusable'; readonly problem: string }
  | {
      readonly what: 'run';
      /** In the order of the list, each once. */
      readonly cells: readonly string[];
      readonly rounds: number;
      readonly isShort: boolean;
      readonly isStrict: boolean;
      /** undefined: a file beside those that the system throws away. */
      readonly json: string | undefined;
      /** A page that gets the tables. */
      readonly page: string | undefined;
    };

/** A median of fewer says little on a machine that does other things as well. */
export const usualRounds = 9;
const mostRounds = 99;

export function usage(cells: readonly { readonly name: string; readonly about: string }[]): string {
  const lines = cells.map(({ name, about }) => `  ${name.padEnd(14)} ${about}`);
  return `Usage: npm run bench -- [flags]

Measures the exporter, beside prom-client and others where a bar compares, and says which bars are held.

  --cell NAME    only this cell; may be given more than once
  --rounds N     how often each is measured, from 1 to ${mostRounds} (usual: ${usualRounds})
  --short        try everything out with tiny numbers, in seconds; no bars
  --strict       exit with 1 when a bar is missed
  --json FILE    where the numbers go (usual: a new file in the system's temporary folder)
  --page FILE    put the tables into this page, between its comments for them
  --help         this text

Cells:
${lines.join('\n')}
`;
}

/** `known` are the names of the cells. */
export function parseFlags(args: readonly string[], known: readonly string[]): Asked {
  const parsed = parse(args);
  if ('problem' in parsed) return { what: 'unusable', problem: parsed.problem };
  const { values } = parsed;
  if (values.help) return { what: 'help' };
  const named = values.cell ?? [];
  const unknown = named.find((name) => !known.includes(name));
  if (unknown !== undefined)
    return { what: 'unusable', problem: `there is no cell ${JSON.stringify(unknown)}` };
  const usual = values.short ? 1 : usualRounds;
  const rounds = values.rounds === undefined ? usual : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > mostRounds) {
    return { what: 'unusable', problem: `--rounds takes a whole number from 1 to ${mostRounds}` };
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
