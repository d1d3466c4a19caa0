import { parseArgs } from 'node:util';

/** Parsed command line. */
export type CommandLine =
  | { readonly what: 'help' }
  | { readonly what: 'unusable'; readonly problem: string }
  | {
      readonly what: 'run';
      /** Numbers of streams to measure, in ascending order. */
      readonly sizes: readonly number[];
      /** Duration of one measurement, after all streams were polled. */
      readonly seconds: number;
      /** Page whose tables are replaced. */
      readonly page: string | undefined;
    };

export const usage = `Usage: npm run sizes -- [flags]

Builds the exporter, runs it as the image does against the simulator in another process, and scrapes it every
15 s. Prints memory, CPU, series, bytes, disk and requests for fleets of several sizes. Takes about half an
hour, of which the largest fleet needs ten minutes until each stream was polled once.

  --streams LIST   numbers of streams (default: 10,100,1000,10000)
  --seconds N      duration of each measurement, from 30 to 86400 (default: 240)
  --page FILE      replace the tables between the marker comments of this page
  --help           show this text
`;

/** Parses the command line. */
export function parseFlags(args: readonly string[]): CommandLine {
  const parsed = parse(args);
  if ('problem' in parsed) return { what: 'unusable', problem: parsed.problem };
  const { streams, seconds, page, help } = parsed.values;
  if (help) return { what: 'help' };
  const sizes = [...new Set(streams.split(',').map(Number))].sort((a, b) => a - b);
  if (!sizes.every((size) => isWhole(size, 1, 50_000))) {
    return { what: 'unusable', problem: '--streams: expected numbers from 1 to 50000, such as 10,1000' };
  }
  if (!isWhole(Number(seconds), 30, 86_400)) {
    return { what: 'unusable', problem: '--seconds: expected a whole number from 30 to 86400' };
  }
  return { what: 'run', sizes, seconds: Number(seconds), page };
}

function isWhole(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        streams: { type: 'string', default: '10,100,1000,10000' },
        seconds: { type: 'string', default: '240' },
        page: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
