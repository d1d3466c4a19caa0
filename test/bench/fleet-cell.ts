import { startChild } from './commands.ts';
import type { Figure, Rounds } from './figures.ts';
import type { Spent } from './load.ts';

export interface FleetOptions {
  /** Number of live streams, all of them discovered. */
  readonly streams: number;
  /** Number of streams that begin, and of streams that end, between two lists. */
  readonly perList: number;
}

/** Lists of the fleet that are measured, with their commands in the child. */
const lists = {
  discovery: 'list of live streams',
  gauges: 'list of live pushes',
} as const;

/**
 * Measures how long the event loop is blocked while a large fleet changes: by a list of live streams, whose
 * differences become and end targets, and by a list of live pushes, which sets the gauges of all streams.
 */
export async function runFleet({
  streams,
  perList,
  rounds,
  warmUps,
}: FleetOptions & Rounds): Promise<readonly Figure[]> {
  await using child = await startChild('fleet.ts', String(streams), String(perList));
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
  return (['discovery', 'gauges'] as const).flatMap((list): readonly Figure[] => [
    { name: `${lists[list]}: longest pause`, unit: 'ms', rounds: spent[list].map(({ pauseMs }) => pauseMs) },
    { name: `${lists[list]}: longest busy`, unit: 'ms', rounds: spent[list].map(({ busyMs }) => busyMs) },
    { name: `${lists[list]}: CPU`, unit: 'ms', rounds: spent[list].map(({ cpuMs }) => cpuMs) },
  ]);
}
