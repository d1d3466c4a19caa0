import { startChild } from './commands.ts';
import type { Figure } from './figures.ts';

export interface Churn {
  /** Number of streams that stay. */
  readonly streams: number;
  /** Number of rounds. In each round, streams come and go while scrapes overlap. */
  readonly rounds: number;
  /** Number of streams that come and go per round. */
  readonly perRound: number;
}

/** Bytes in use after a garbage collection. */
export interface ChurnMemory {
  readonly heap: number;
  readonly external: number;
}

/** Memory before, and after. While the scrapes are open, they share some memory with the tables. */
export interface ChurnResult {
  readonly start: ChurnMemory;
  readonly open: ChurnMemory;
  readonly end: ChurnMemory;
}

/** Measures the memory that remains after streams came and went under overlapping scrapes and one slow reader. */
export async function runChurn(churn: Churn): Promise<readonly Figure[]> {
  await using child = await startChild('churn.ts');
  const { start, open, end } = await child.ask<ChurnResult>('churn', churn);
  const ratio = (name: string, over: number, under: number): Figure => ({
    name,
    unit: 'ratio',
    rounds: [over / under],
  });
  return [
    ratio('all scrapes ended / start: heap', end.heap, start.heap),
    ratio('all scrapes ended / start: external', end.external, start.external),
    ratio('scrapes open / start: heap', open.heap, start.heap),
    ratio('scrapes open / start: external', open.external, start.external),
  ];
}
