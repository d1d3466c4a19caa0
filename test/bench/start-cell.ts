import type { Figure } from './figures.ts';
import { measureBareLoop, measureStart, type StartOptions } from './start/start.ts';

/**
 * Measures the duration and the longest pauses of a start, until a scrape shows all streams, and of a reload.
 */
export async function runStart(options: Omit<StartOptions, 'deadlineMs'>): Promise<readonly Figure[]> {
  const bareMs = await measureBareLoop(options.streams);
  const phases = await measureStart({ ...options, deadlineMs: 120_000 });
  const [cold] = phases;
  return [
    ...phases.flatMap(({ name, tookMs, wallMs, busyMs, unmarkedMs }): readonly Figure[] => [
      { name: `${name}: took`, unit: 's', rounds: [tookMs / 1000] },
      { name: `${name}: longest pause`, unit: 'ms', rounds: [wallMs] },
      { name: `${name}: longest busy`, unit: 'ms', rounds: [busyMs] },
      { name: `${name}: longest pause unmarked`, unit: 'ms', rounds: [unmarkedMs] },
    ]),
    { name: 'bare loop of requests: took', unit: 's', rounds: [bareMs / 1000] },
    {
      name: 'start, cold / bare loop of requests: took',
      unit: 'ratio',
      rounds: cold === undefined ? [] : [cold.tookMs / bareMs],
    },
  ];
}
