import type { Figure } from './figures.ts';
import { measureStart, type StartOptions } from './start/start.ts';

/**
 * Measures the duration and the longest pauses of a start, until a scrape shows all streams, and of a reload.
 */
export async function runStart(options: Omit<StartOptions, 'deadlineMs'>): Promise<readonly Figure[]> {
  const phases = await measureStart({ ...options, deadlineMs: 120_000 });
  return phases.flatMap(({ name, tookMs, wallMs, busyMs, unmarkedMs }): readonly Figure[] => [
    { name: `${name}: took`, unit: 's', rounds: [tookMs / 1000] },
    { name: `${name}: longest pause`, unit: 'ms', rounds: [wallMs] },
    { name: `${name}: longest busy`, unit: 'ms', rounds: [busyMs] },
    { name: `${name}: longest pause unmarked`, unit: 'ms', rounds: [unmarkedMs] },
  ]);
}
