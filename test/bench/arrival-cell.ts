import { startChild } from './commands.ts';
import { type Figure, pairedRatio, type Rounds } from './figures.ts';
import type { Spent } from './load.ts';

/** Measures the CPU of a sample that arrives alone: in the model, and to set all series of its stream. */
export async function runArrivals({
  streams,
  rounds,
  warmUps,
}: Rounds & { readonly streams: number }): Promise<readonly Figure[]> {
  await using ours = await startChild('arrivals.ts', 'ours', String(streams));
  await using promClient = await startChild('arrivals.ts', 'prom-client', String(streams));
  const us = {
    ours: [] as number[],
    counted: [] as number[],
    judged: [] as number[],
    promClient: [] as number[],
  };
  for (let round = -warmUps; round < rounds; round++) {
    const measure = async (child: typeof ours, command: string) => {
      await child.ask('begin');
      await child.ask(command);
      return ((await child.ask<Spent>('end')).cpuMs * 1000) / streams;
    };
    await ours.ask('prepare');
    const both = await measure(ours, 'countAndShow');
    await ours.ask('prepare');
    const counted = await measure(ours, 'count');
    await ours.ask('prepare');
    const judged = await measure(ours, 'countAndJudge');
    await promClient.ask('prepare');
    await promClient.ask('count');
    const set = await measure(promClient, 'show');
    if (round < 0) continue;
    us.ours.push(both);
    us.counted.push(counted);
    us.judged.push(judged);
    us.promClient.push(set);
  }
  return [
    { name: 'CPU per sample, counted and shown, ours', unit: 'us', rounds: us.ours },
    { name: 'CPU per sample, only counted, ours', unit: 'us', rounds: us.counted },
    { name: 'CPU per sample, counted and judged for alerts, ours', unit: 'us', rounds: us.judged },
    { name: 'CPU per sample, only shown, prom-client', unit: 'us', rounds: us.promClient },
    {
      name: 'prom-client (only shown) / ours (counted and shown)',
      unit: 'ratio',
      rounds: pairedRatio(us.promClient, us.ours),
    },
  ];
}
