import { startChild } from './commands.ts';
import type { Figure, Rounds } from './figures.ts';
import type { Spent } from './load.ts';

export interface FleetOptions {
  /** Number of live streams, all of them discovered. */
  readonly streams: number;
  /** Number of streams that begin, and of streams that end, between two lists. */
  readonly perList: number;
}

/** APIs whose lists are measured, with the names of the figures. */
const apis = [
  { api: 'tencent', prefix: '' },
  { api: 'alibaba', prefix: 'Alibaba, ' },
  { api: 'alibaba-xml', prefix: 'Alibaba in XML, ' },
] as const;

/** Lists of the fleet that are measured, with their commands in the child. */
const lists = {
  discovery: 'list of live streams',
  gauges: 'list of live pushes',
} as const;

/**
 * Measures how long the event loop is blocked while a large fleet changes: by a list of live streams, whose
 * differences become and end targets, and by a list of live pushes, which sets the gauges of all streams.
 */
export async function runFleet(options: FleetOptions & Rounds): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { api, prefix } of apis) figures.push(...(await runApi(api, prefix, options)));
  return figures;
}

async function runApi(
  api: string,
  prefix: string,
  { streams, perList, rounds, warmUps }: FleetOptions & Rounds,
): Promise<readonly Figure[]> {
  await using child = await startChild('fleet.ts', api, String(streams), String(perList));
  const spent = { discovery: [] as Spent[], gauges: [] as Spent[] };
  for (let round = -warmUps; round < rounds; round++) {
    await child.ask('change');
    for (const list of ['discovery', 'gauges'] as const) {
      await child.ask('begin');
      await child.ask(list);
      const used = await child.ask<Spent>('end');
      if (round >= 0) spent[list].push(used);
    }
  }
  return (['discovery', 'gauges'] as const).flatMap((list): readonly Figure[] => {
    const name = `${prefix}${lists[list]}`;
    return [
      { name: `${name}: longest pause`, unit: 'ms', rounds: spent[list].map(({ pauseMs }) => pauseMs) },
      { name: `${name}: longest busy`, unit: 'ms', rounds: spent[list].map(({ busyMs }) => busyMs) },
      { name: `${name}: CPU`, unit: 'ms', rounds: spent[list].map(({ cpuMs }) => cpuMs) },
    ];
  });
}
