import type { Figure } from './figures.ts';
import { runScrapePlan, type Shot } from './scrape-cell.ts';

/** A named measurement: how much of it, and what it brings. */
export interface Cell {
  readonly name: string;
  /** A line for people. */
  readonly about: string;
  run(size: Size): Promise<readonly Figure[]>;
}

export interface Size {
  readonly rounds: number;
  /** A try-out: everything runs, and nothing is worth reading. */
  readonly isShort: boolean;
}

/** 25 series each. */
const shortStreams = 20;

const plain: Shot = { name: 'plain', sides: ['ours', 'prom-client', 'kept bytes'], changed: 1 };
const gzip: Shot = { ...plain, name: 'gzip', isPacked: true };
const again: Shot = { name: 'gzip again', sides: ['ours'], changed: 0, isPacked: true, times: 10 };

export const cells: readonly Cell[] = [scrapeOf(4_000, 'scrape-100k'), scrapeOf(20_000, 'scrape-500k')];

function scrapeOf(streams: number, name: string): Cell {
  return {
    name,
    about: `${streams} streams, every value changed: plain, gzip, and gzip again of the same`,
    run: ({ rounds, isShort }) =>
      runScrapePlan(
        {
          streams: isShort ? shortStreams : streams,
          shots: [plain, gzip, again],
          ratios: [
            { of: 'plain, prom-client', over: 'plain, ours', by: ['wall', 'CPU', 'longest pause'] },
            { of: 'plain, ours', over: 'plain, kept bytes', by: ['wall', 'CPU'] },
            { of: 'gzip, prom-client', over: 'gzip, ours', by: ['wall', 'CPU', 'longest pause'] },
            { of: 'gzip, ours', over: 'gzip, prom-client', by: ['size'] },
            { of: 'gzip, prom-client', over: 'gzip again, ours', by: ['wall', 'CPU'] },
          ],
        },
        rounds,
      ),
  };
}
