import { startChild } from './commands.ts';
import { type Figure, pairedRatio, type Rounds } from './figures.ts';
import type { Spent } from './load.ts';

const ways = ['ours', 'undici', 'node:http', 'fetch', 'ours, API 3.0', 'undici, API 3.0'] as const;

/**
 * Measures the CPU per response of 12 samples for the program and for bare loops that only parse it, each in
 * its own process. Responses per second and core are derived from the CPU, so the API can be slower.
 */
export async function runCollection({
  streams,
  rounds,
  warmUps,
}: Rounds & { readonly streams: number }): Promise<readonly Figure[]> {
  await using api = await startChild('collect-api.ts');
  const endpoint = `http://127.0.0.1:${await api.ask<number>('port')}/`;
  const us = new Map<string, number[]>(ways.map((way) => [way, []]));
  const warmUs = new Map<string, number[]>(ways.map((way) => [way, []]));
  await using stack = new AsyncDisposableStack();
  const children = new Map<string, Awaited<ReturnType<typeof startChild>>>();
  for (const way of ways) children.set(way, stack.use(await startChild('collect.ts', way, endpoint)));

  for (let round = -warmUps; round < rounds; round++) {
    for (const [way, child] of children) {
      const measure = async (begin: 'begin' | 'beginAsItIs') => {
        await child.ask(begin);
        await child.ask('collect', streams);
        const { cpuMs } = await child.ask<Spent>('end');
        return (cpuMs * 1000) / streams;
      };
      const cold = await measure('begin');
      const warm = await measure('beginAsItIs');
      if (round < 0) continue;
      us.get(way)?.push(cold);
      warmUs.get(way)?.push(warm);
    }
  }
  const usOf = (way: (typeof ways)[number]) => us.get(way) ?? [];
  const warmOf = (way: (typeof ways)[number]) => warmUs.get(way) ?? [];
  return [
    ...ways.map((way): Figure => ({ name: `CPU per answer, ${way}`, unit: 'us', rounds: usOf(way) })),
    ratio('answers per second and core, ours / undici', usOf('undici'), usOf('ours')),
    { name: 'CPU per answer, ours, at once again', unit: 'us', rounds: warmOf('ours') },
    { name: 'CPU per answer, undici, at once again', unit: 'us', rounds: warmOf('undici') },
    ratio('answers per second and core, ours / undici, at once again', warmOf('undici'), warmOf('ours')),
    ratio(
      'answers per second and core, ours / undici, API 3.0',
      usOf('undici, API 3.0'),
      usOf('ours, API 3.0'),
    ),
    ratio('CPU per answer, node:http / ours', usOf('node:http'), usOf('ours')),
    ratio('CPU per answer, fetch / ours', usOf('fetch'), usOf('ours')),
    ratio(
      'CPU per answer, axios / ours, derived',
      usOf('undici').map((value) => value * axiosOverUndici),
      usOf('ours'),
    ),
  ];
}

/**
 * CPU of an axios loop relative to the bare undici loop. Measured separately on Node 24, since axios is no
 * dependency.
 */
const axiosOverUndici = 8.39;

function ratio(name: string, of: readonly number[], over: readonly number[]): Figure {
  return { name, unit: 'ratio', rounds: pairedRatio(of, over) };
}
