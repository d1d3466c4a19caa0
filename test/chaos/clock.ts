import { setTimeout as sleep } from 'node:timers/promises';
import { hourMs, secondMs } from '../../src/model/time.ts';
import { waitFor } from '../support/wait-for.ts';
import type { Draws } from './draws.ts';
import type { Exporter } from './exporter.ts';
import { jumpsOfLife } from './plan.ts';

/** This life has been asked and scraped by then. */
const firstMs = 2_500;
const wrongMs = 5_000;
/** Not all have been asked again by then: who could not be asked is asked less often. */
const rightMs = 5_000;

const leastMs = 2 * secondMs;
const longestMs = hourMs;
/**
 * A clock that is ahead by less may be believed: by a minute, and by ten seconds more while an answer may be on its way. Then
 * the reach has to do for the clock as well as for late rows, and ours is only just enough for the rows. One that is
 * behind is never too little behind: it makes no window longer.
 */
const doubtedMs = 75 * secondMs;
/** So often it is ahead by the least, and not the first time: the shortest run has one that must not be believed. */
const believedEvery = 3;

/** How far a clock is wrong each time that it is set: by turns ahead and behind, the first way by chance. */
export function createJumps(draws: Draws): () => number {
  let isAhead = draws.below(2) === 0;
  let timesAhead = 0;
  const upTo = (low: number) => Math.round(low * (longestMs / low) ** draws.between(0, 1));
  return () => {
    isAhead = !isAhead;
    if (!isAhead) return -upTo(leastMs);
    timesAhead++;
    return timesAhead % believedEvery === 0 ? leastMs : upTo(doubtedMs);
  };
}

/** Again and again the clock of a life is wrong for some seconds. Brings how often. */
export async function withWrongClock(
  exporter: Exporter,
  nextJump: () => number,
  signal: AbortSignal,
): Promise<number> {
  for (let jumps = 0; jumps < jumpsOfLife; jumps++) {
    await sleep(jumps === 0 ? firstMs : rightMs, undefined, { signal });
    const saidBefore = exporter.output().length;
    const aheadMs = nextJump();
    exporter.setClock(aheadMs);
    await untilRight({ exporter, aheadMs, saidBefore }, signal);
  }
  return jumpsOfLife;
}

/** A life that starts by a wrong clock, which is set right while it runs. */
export async function startedByWrongClock(
  exporter: Exporter,
  aheadMs: number,
  signal: AbortSignal,
): Promise<void> {
  exporter.setClock(aheadMs);
  await exporter.start();
  await untilRight({ exporter, aheadMs, saidBefore: 0 }, signal);
}

async function untilRight(
  {
    exporter,
    aheadMs,
    saidBefore,
  }: { readonly exporter: Exporter; readonly aheadMs: number; readonly saidBefore: number },
  signal: AbortSignal,
): Promise<void> {
  await sleep(wrongMs, undefined, { signal });
  if (Math.abs(aheadMs) > doubtedMs) {
    await waitFor(
      'a doubt about the clock',
      () => exporter.output().includes('check the clock', saidBefore) || undefined,
    );
  }
  exporter.setClock(0);
}
