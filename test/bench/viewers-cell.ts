import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, startChild } from './commands.ts';
import { type Figure, pairedRatio, type Rounds, spreadOf } from './figures.ts';
import type { Spent } from './load.ts';
import { accepts, scrape } from './scraper.ts';

export interface ViewersOptions extends Rounds {
  readonly streams: number;
  readonly viewers: number;
  /** Time in ms between two refreshes of the page of one viewer. */
  readonly refreshMs: number;
  /** Number of scrapes per round, with and without viewers, and the time in ms between their starts. */
  readonly scrapes: number;
  readonly everyMs: number;
}

/** What viewers look at: the first page, filtered and sorted ones, a search, a later page, the JSON. */
const paths = [
  '/',
  '/?state=missing',
  '/?search=7&sort=fps',
  '/?page=80',
  '/?sort=-name',
  '/?lang=zh',
  '/?sort=trouble',
  '/api/v1/streams?limit=100&cursor=',
];

/** Each stream has a sample every five seconds. */
const samplesEverySeconds = 5;

/**
 * Measures scrapes while samples arrive, with and without viewers of the status page. Viewers begin evenly spread
 * over the time between two refreshes.
 */
export async function runViewers(options: ViewersOptions): Promise<readonly Figure[]> {
  const { rounds, warmUps } = options;
  await using child = await startChild('serve-viewed.ts', String(options.streams));
  const port = await child.ask<number>('port');
  const alone: Measured[] = [];
  const viewed: Measured[] = [];
  let views = 0;
  for (let round = -warmUps; round < rounds; round++) {
    const without = await measure(child, port, options);
    const stop = startViewers(port, options);
    const withViewers = await measure(child, port, options);
    const count = await stop();
    if (round < 0) continue;
    alone.push(without);
    viewed.push(withViewers);
    views += count;
  }
  const wall = (all: readonly Measured[]) => all.map(({ wallMs }) => wallMs);
  const pause = (all: readonly Measured[]) => all.map(({ spent }) => spent.pauseMs);
  const busy = (all: readonly Measured[]) => all.map(({ spent }) => spent.busyMs);
  return [
    { name: 'without viewers: wall', unit: 'ms', rounds: wall(alone) },
    { name: 'with viewers: wall', unit: 'ms', rounds: wall(viewed) },
    { name: 'with / without viewers: wall', unit: 'ratio', rounds: pairedRatio(wall(viewed), wall(alone)) },
    { name: 'without viewers: longest pause', unit: 'ms', rounds: pause(alone) },
    { name: 'with viewers: longest pause', unit: 'ms', rounds: pause(viewed) },
    { name: 'without viewers: longest busy', unit: 'ms', rounds: busy(alone) },
    { name: 'with viewers: longest busy', unit: 'ms', rounds: busy(viewed) },
    { name: 'with viewers: pages', unit: 'count', rounds: viewed.map(() => views / viewed.length) },
  ];
}

interface Measured {
  /** Median of the scrapes. */
  readonly wallMs: number;
  readonly spent: Spent;
}

async function measure(
  child: Child,
  port: number,
  { streams, scrapes, everyMs }: ViewersOptions,
): Promise<Measured> {
  const walls: number[] = [];
  await child.ask('arrive', streams / samplesEverySeconds);
  await child.ask('begin');
  for (let i = 0; i < scrapes; i++) {
    const startedAt = performance.now();
    const { wallMs } = await scrape({ port, accept: accepts.text, isCompressed: false });
    walls.push(wallMs);
    await sleep(Math.max(0, everyMs - (performance.now() - startedAt)));
  }
  const spent = await child.ask<Spent>('end');
  await child.ask('rest');
  return { wallMs: spreadOf(walls).median, spent };
}

/** Starts viewers. The returned function ends them, and resolves with the number of pages that they received. */
function startViewers(port: number, { viewers, refreshMs }: ViewersOptions): () => Promise<number> {
  const stopping = new AbortController();
  const agent = new Agent({ keepAlive: true });
  let pages = 0;
  const view = async (number: number): Promise<void> => {
    await sleep((refreshMs * number) / viewers, undefined, { signal: stopping.signal });
    for (;;) {
      await read(port, paths[number % paths.length] ?? '/', agent);
      pages++;
      await sleep(refreshMs, undefined, { signal: stopping.signal });
    }
  };
  const running = Array.from({ length: viewers }, (_, number) =>
    view(number).catch((error: unknown) => {
      if (!stopping.signal.aborted) throw error;
    }),
  );
  return async () => {
    stopping.abort();
    await Promise.all(running);
    agent.destroy();
    return pages;
  };
}

function read(port: number, path: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ port, path, agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${path}: HTTP ${response.statusCode}`));
      response.resume().on('end', resolve).on('error', reject);
    }).on('error', reject);
  });
}
