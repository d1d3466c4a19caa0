import { parseArgs } from 'node:util';

export const usage = `Usage: npm run load -- [--part clients|passwords|all] [--streams N] [--seconds N] [--addresses N] [--seed N]

Attacks a real exporter process over loopback while a Prometheus scrapes it: slow, idle, greedy and resetting clients, and
wrong passwords. Shows whether every scrape is served in time, how much memory the exporter needs, and whether it
recovers.

  --part PART    clients, passwords or all (default all)
  --streams N    streams of the exporter, 10 to 20000 (default 10000)
  --seconds N    duration of each attack, 3 to 120 (default 30)
  --addresses N  loopback addresses of the clients, 1 to 200 (default 8); with 1, it is that of Prometheus
  --seed N       seed of the clients (default 1); real time still differs between runs
  --help         print this help

Exit code: 0 if all checks pass, 1 if a check fails, 2 for invalid flags.
`;

export const parts = ['clients', 'passwords'] as const;
export type Part = (typeof parts)[number];

export interface LoadSettings {
  readonly parts: readonly Part[];
  readonly streams: number;
  readonly seconds: number;
  readonly addresses: number;
  readonly seed: number;
}

/** Parses the arguments; `problem` explains invalid ones. */
export function parseFlags(args: readonly string[]): LoadSettings | { readonly problem: string } | 'help' {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const options = {
    part: text('all'),
    streams: text('10000'),
    seconds: text('30'),
    addresses: text('8'),
    seed: text('1'),
  };
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', default: false } },
    });
    if (values.help) return 'help';
    const chosen = values.part === 'all' ? parts : parts.filter((part) => part === values.part);
    if (chosen.length === 0) throw new Error(`--part: unknown part "${values.part}"`);
    return {
      parts: chosen,
      streams: toNumber('streams', values.streams, 10, 20_000),
      seconds: toNumber('seconds', values.seconds, 3, 120),
      addresses: toNumber('addresses', values.addresses, 1, 200),
      seed: toNumber('seed', values.seed, 0, 999_999_999),
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function toNumber(name: string, text: string, min: number, max: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new Error(`--${name}: expected a whole number from ${min} to ${max}, got "${text}"`);
}
