import { Agent, get } from 'node:http';
import { type Child, startChild } from './commands.ts';
import type { Figure, Rounds } from './figures.ts';
import type { Spent } from './load.ts';

/** Number of streams behind the status page and behind the API. */
export interface ViewsOptions extends Rounds {
  readonly pageStreams: number;
  readonly apiStreams: number;
}

/** Number of pages of the API per round. They follow each other. */
const pagesPerRound = 5;

/** Measures the longest time that the status page and a page of the JSON API block the event loop. */
export async function runViews({
  pageStreams,
  apiStreams,
  ...rounds
}: ViewsOptions): Promise<readonly Figure[]> {
  return [
    ...(await measure('status page', pageStreams, rounds, async (getText) => void (await getText('/')))),
    ...(await measure('API by cursor', apiStreams, rounds, readPages)),
    ...(await measure('API by offset', apiStreams, rounds, async (getText) => {
      await getText(`/api/v1/streams?limit=200&offset=${Math.floor(apiStreams / 2)}`);
    })),
  ];
}

type GetText = (path: string) => Promise<string>;

async function measure(
  name: string,
  streams: number,
  { rounds, warmUps }: Rounds,
  task: (getText: GetText) => Promise<void>,
): Promise<readonly Figure[]> {
  await using child = await startChild('serve-views.ts', String(streams));
  const agent = new Agent({ keepAlive: true });
  const getText = await createGet(child, agent);
  const spent: Spent[] = [];
  const tookMs: number[] = [];
  for (let round = -warmUps; round < rounds; round++) {
    await child.ask('begin');
    const startedAt = performance.now();
    await task(getText);
    const ms = performance.now() - startedAt;
    const used = await child.ask<Spent>('end');
    if (round < 0) continue;
    spent.push(used);
    tookMs.push(ms);
  }
  agent.destroy();
  return [
    { name: `${name}: longest pause`, unit: 'ms', rounds: spent.map(({ pauseMs }) => pauseMs) },
    { name: `${name}: longest busy`, unit: 'ms', rounds: spent.map(({ busyMs }) => busyMs) },
    { name: `${name}: wall`, unit: 'ms', rounds: tookMs },
    { name: `${name}: CPU`, unit: 'ms', rounds: spent.map(({ cpuMs }) => cpuMs) },
  ];
}

async function createGet(child: Child, agent: Agent): Promise<GetText> {
  const port = await child.ask<number>('port');
  return (path) =>
    new Promise((resolve, reject) => {
      get({ port, path, agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve(text)).on('error', reject);
      }).on('error', reject);
    });
}

async function readPages(getText: GetText): Promise<void> {
  let cursor: string | null = '';
  for (let page = 0; page < pagesPerRound && cursor !== null; page++) {
    const text = await getText(`/api/v1/streams?limit=200&cursor=${cursor}`);
    // The shape of the response, of which only the cursor is used.
    cursor = (JSON.parse(text) as { next_cursor: string | null }).next_cursor;
  }
}
