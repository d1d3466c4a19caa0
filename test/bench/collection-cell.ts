import { type Child, startChild } from './commands.ts';
import { type Figure, pairedRatio, type Rounds } from './figures.ts';
import type { Spent } from './load.ts';

const ways = ['ours', 'undici', 'node:http', 'fetch', 'ours, API 3.0', 'undici, API 3.0'] as const;
type Way = (typeof ways)[number];

/** Ways that are also measured in a steady state. */
const steadyWays: readonly Way[] = ['ours', 'undici', 'ours, API 3.0', 'undici, API 3.0'];

/** Rounds before the steady state. V8 compiles the code of a poll for some ten thousand answers. */
const steadyWarmUps = 15;

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
  await using stack = new AsyncDisposableStack();
  const children = new Map<Way, Child>();
  for (const way of ways) children.set(way, stack.use(await startChild('collect.ts', way, endpoint)));

  /** Returns the CPU per answer in us, by way. */
  const measure = async (measured: readonly Way[], begin: 'begin' | 'beginAsItIs', size: Rounds) => {
    const us = new Map<Way, number[]>(measured.map((way) => [way, []]));
    for (let round = -size.warmUps; round < size.rounds; round++) {
      for (const [way, child] of children) {
        if (!us.has(way)) continue;
        await child.ask(begin);
        await child.ask('collect', streams);
        const { cpuMs } = await child.ask<Spent>('end');
        if (round >= 0) us.get(way)?.push((cpuMs * 1000) / streams);
      }
    }
    return (way: Way) => us.get(way) ?? [];
  };
  const cold = await measure(ways, 'begin', { rounds, warmUps });
  const steady = await measure(steadyWays, 'beginAsItIs', {
    rounds,
    warmUps: warmUps === 0 ? 0 : steadyWarmUps,
  });
  return [
    ...ways.map((way): Figure => ({ name: `CPU per answer, ${way}`, unit: 'us', rounds: cold(way) })),
    ratio('answers per second and core, ours / undici', cold('undici'), cold('ours')),
    ratio(
      'answers per second and core, ours / undici, API 3.0',
      cold('undici, API 3.0'),
      cold('ours, API 3.0'),
    ),
    ...steadyWays.map(
      (way): Figure => ({ name: `CPU per answer, ${way}, steady`, unit: 'us', rounds: steady(way) }),
    ),
    ratio('answers per second and core, ours / undici, steady', steady('undici'), steady('ours')),
    ratio(
      'answers per second and core, ours / undici, API 3.0, steady',
      steady('undici, API 3.0'),
      steady('ours, API 3.0'),
    ),
    ratio('CPU per answer, node:http / ours', cold('node:http'), cold('ours')),
    ratio('CPU per answer, fetch / ours', cold('fetch'), cold('ours')),
    ratio(
      'CPU per answer, axios / ours, derived',
      cold('undici').map((value) => value * axiosOverUndici),
      cold('ours'),
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
