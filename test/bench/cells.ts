import { runArrivals } from './arrival-cell.ts';
import { runChurn } from './churn-cell.ts';
import { runCollection } from './collection-cell.ts';
import { streamsWith } from './content.ts';
import type { Figure, Rounds } from './figures.ts';
import { runFleet } from './fleet-cell.ts';
import { runMemory } from './memory-cell.ts';
import { runPauses } from './pause-cell.ts';
import { runPrometheus } from './prometheus-cell.ts';
import { type Ratio, runScrapePlan, type Shot } from './scrape-cell.ts';
import { runStart } from './start-cell.ts';
import { runState } from './state-cell.ts';
import { runViewers } from './viewers-cell.ts';
import { runViews } from './views-cell.ts';

/** A named measurement of several figures. */
export interface Cell {
  readonly name: string;
  /** One line for the report. */
  readonly about: string;
  run(size: Size): Promise<readonly Figure[]>;
}

export interface Size extends Rounds {
  /** Smoke test with tiny sizes: the figures mean nothing. */
  readonly isShort: boolean;
}

/** Size of a smoke test. */
const shortStreams = 100;

const plain: Shot = { name: 'plain', sides: ['ours', 'prom-client', 'kept bytes'], changed: 1 };
const gzip: Shot = { ...plain, name: 'gzip', isCompressed: true };
const gzipAgain: Shot = { name: 'gzip again', sides: ['ours'], changed: 0, isCompressed: true, times: 10 };
const gzipOurs: Shot = { ...gzip, sides: ['ours'] };

const allShots: { readonly shots: readonly Shot[]; readonly ratios: readonly Ratio[] } = {
  shots: [plain, gzip, gzipAgain],
  ratios: [
    { of: 'plain, prom-client', over: 'plain, ours', by: ['wall', 'CPU', 'longest pause'] },
    { of: 'plain, ours', over: 'plain, kept bytes', by: ['wall', 'CPU'] },
    { of: 'gzip, prom-client', over: 'gzip, ours', by: ['wall', 'CPU', 'longest pause'] },
    { of: 'gzip, ours', over: 'gzip, prom-client', by: ['size'] },
    { of: 'gzip, prom-client', over: 'gzip again, ours', by: ['wall', 'CPU'] },
  ],
};

export const cells: readonly Cell[] = [
  scrapes(
    'scrape-100k',
    streamsWith(100_000),
    'every value changed: plain, gzip, and gzip again of the same',
    allShots,
  ),
  scrapes(
    'scrape-500k',
    streamsWith(500_000),
    'every value changed: plain, gzip, and gzip again of the same',
    allShots,
  ),
  {
    name: 'pause',
    about: 'the event loop during a scrape of 100,000 and of 500,000 series, while samples arrive',
    run: (size) =>
      runPauses({
        ...size,
        small: { name: '100k', streams: size.isShort ? shortStreams : streamsWith(100_000) },
        large: { name: '500k', streams: size.isShort ? 2 * shortStreams : streamsWith(500_000) },
      }),
  },
  scrapes('changed', 10_000, 'a part of the streams changed since the last scrape, gzip', {
    shots: [
      gzip,
      { ...gzipOurs, name: '10 % changed', changed: 0.1 },
      { ...gzipOurs, name: '1 % changed', changed: 0.01 },
      { ...gzipOurs, name: 'good samples', changed: 0, hasGoodSamples: true },
      { ...gzipAgain, name: 'nothing changed' },
    ],
    ratios: ['10 % changed', '1 % changed', 'good samples', 'nothing changed'].map((name) => ({
      of: 'gzip, prom-client',
      over: `${name}, ours`,
      by: ['wall', 'CPU'],
    })),
  }),
  scrapes('formats', 10_000, 'OpenMetrics beside 0.0.4, plain, every value changed', {
    shots: [
      { ...plain, name: 'text', sides: ['ours'] },
      { ...plain, name: 'openmetrics', sides: ['ours', 'prom-client'], format: 'openmetrics' },
    ],
    ratios: [
      { of: 'openmetrics, prom-client', over: 'openmetrics, ours', by: ['wall', 'CPU'] },
      { of: 'openmetrics, ours', over: 'text, ours', by: ['wall', 'CPU'] },
    ],
  }),
  scrapes('readers', 4_000, 'one and eight scrapes at the same moment, gzip, every value changed', {
    shots: [
      { ...gzip, name: 'one', sides: ['ours', 'prom-client'] },
      { ...gzip, name: 'eight', sides: ['ours', 'prom-client'], readers: 8 },
    ],
    ratios: [
      { of: 'eight, ours', over: 'one, ours', by: ['wall', 'CPU'] },
      { of: 'eight, prom-client', over: 'eight, ours', by: ['wall', 'CPU'] },
    ],
  }),
  scrapes('streams-50k', 50_000, 'every value changed, by ours and kept bytes', {
    shots: [
      { ...plain, sides: ['ours', 'kept bytes'] },
      { ...gzip, sides: ['ours', 'kept bytes'] },
    ],
    ratios: [{ of: 'plain, ours', over: 'plain, kept bytes', by: ['wall', 'CPU'] }],
  }),
  {
    name: 'arrival',
    about: 'one sample of each of 20,000 streams, counted and shown',
    run: (size) => runArrivals({ ...size, streams: size.isShort ? shortStreams : 20_000 }),
  },
  {
    name: 'views',
    about:
      'the event loop during a status page of 20,000 streams, and pages of the JSON API of 50,000 streams',
    run: (size) =>
      runViews({
        ...size,
        pageStreams: size.isShort ? shortStreams : 20_000,
        apiStreams: size.isShort ? 10 * shortStreams : 50_000,
      }),
  },
  {
    name: 'viewers',
    about:
      'scrapes of 10,000 streams while samples arrive, with and without 20 viewers whose pages refresh every 10 s',
    run: ({ isShort, rounds, warmUps }) =>
      runViewers({
        warmUps: Math.min(1, warmUps),
        viewers: 20,
        ...(isShort
          ? { rounds, streams: shortStreams, refreshMs: 100, scrapes: 2, everyMs: 60 }
          : { rounds: Math.ceil(rounds / 3), streams: 10_000, refreshMs: 10_000, scrapes: 20, everyMs: 500 }),
      }),
  },
  {
    name: 'fleet',
    about:
      '20,000 discovered streams, of which 750 begin and 750 end in 15 s (50 per second): a list of live streams and a list of live pushes',
    run: ({ isShort, ...rounds }) =>
      runFleet({
        ...rounds,
        ...(isShort ? { streams: 1_200, perList: 10 } : { streams: 20_000, perList: 750 }),
      }),
  },
  {
    name: 'memory',
    about: '20,000 streams at rest, and what five gzip scrapes add; once in nine rounds',
    run: ({ rounds, isShort }) =>
      runMemory({ streams: isShort ? shortStreams : 20_000, rounds: Math.ceil(rounds / 9) }),
  },
  {
    name: 'churn',
    about: '300,000 streams come and go beside 10,000, under overlapping scrapes and one slow reader; once',
    run: bySize(runChurn, {
      short: { streams: shortStreams, rounds: 3, perRound: 10 },
      long: { streams: 10_000, rounds: 300, perRound: 1_000 },
    }),
  },
  {
    name: 'collection',
    about: '2,000 answers of 12 samples, by ours and by bare loops',
    // The CPU of a round varies by half, so more rounds are necessary than in other cells.
    run: ({ isShort, rounds, warmUps }) =>
      runCollection({
        warmUps,
        ...(isShort ? { rounds, streams: shortStreams } : { rounds: 3 * rounds, streams: 2_000 }),
      }),
  },
  {
    name: 'start',
    about: '50,000 streams in 20 accounts, in JSON: start, restart, and a reload with a tenth changed; once',
    run: bySize(runStart, {
      short: { streams: shortStreams, accounts: 2, watchMs: 500 },
      long: { streams: 50_000, accounts: 20, watchMs: 10_000 },
    }),
  },
  {
    name: 'state',
    about:
      'saving: 300 and 50,000 streams (once) and a busy domain (nine times), in simulated time on a real disk',
    run: runState,
  },
  {
    name: 'prometheus',
    about: 'a real Prometheus scrapes 4,000 streams, while samples arrive',
    run: ({ rounds, isShort }) =>
      runPrometheus({ streams: isShort ? shortStreams : 4_000, rounds, everySeconds: isShort ? 1 : 6 }),
  },
];

function scrapes(
  name: string,
  streams: number,
  about: string,
  plan: { readonly shots: readonly Shot[]; readonly ratios: readonly Ratio[] },
): Cell {
  return {
    name,
    about: `${streams.toLocaleString('en-US')} streams, ${about}`,
    run: (size) => runScrapePlan({ ...plan, streams: size.isShort ? shortStreams : streams }, size),
  };
}

/** Returns the function of a cell that runs with other options in a smoke test. */
function bySize<Options>(
  run: (options: Options) => Promise<readonly Figure[]>,
  { short, long }: { readonly short: Options; readonly long: Options },
): Cell['run'] {
  return ({ isShort }) => run(isShort ? short : long);
}
