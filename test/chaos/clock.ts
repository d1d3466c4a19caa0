import { setTimeout as sleep } from 'node:timers/promises';
import { hourMs, secondMs } from '../../src/model/time.ts';
import { waitFor } from '../support/wait-for.ts';
import type { Draws } from './draws.ts';
import type { Exporter } from './exporter.ts';
import { stepsPerLife } from './plan.ts';

/** Time from the start of a run until it has polled and been scraped. */
const firstMs = 2_500;
const wrongMs = 5_000;
/**
 * Time with the right clock. Not all targets are polled again in it, because of the backoff after failures.
 */
const rightMs = 5_000;

const minMs = 2 * secondMs;
const maxMs = hourMs;
/**
 * Clock skew that the exporter always detects. It tolerates a minute, plus ten seconds for a response in
 * transit. Within the tolerance, the lookback must cover both the skew and late rows, but here it is only
 * just enough for late rows. A clock that is behind needs no minimum: it makes no window longer.
 */
const detectedMs = 75 * secondMs;
/**
 * Every nth clock that is ahead is ahead by only `minMs`, but not the first: the shortest run needs a
 * detected skew.
 */
const toleratedEvery = 3;

/**
 * Warning after a response, or if no window can be requested because the clock is behind. The second is the
 * only one if many targets still fail from an earlier step: the log names only ten targets.
 */
const clockWarning = /check the clock|clock of this host was set back/;

/** Time after which the warning is certainly in the log, which gathers failures for up to half a minute. */
const maxGatheredMs = 40_000;

/** Creates the sequence of clock steps in ms: alternately ahead and behind, with a random first direction. */
export function createClockSteps(draws: Draws): () => number {
  let isAhead = draws.below(2) === 0;
  let timesAhead = 0;
  const upTo = (low: number) => Math.round(low * (maxMs / low) ** draws.between(0, 1));
  return () => {
    isAhead = !isAhead;
    if (!isAhead) return -upTo(minMs);
    timesAhead++;
    return timesAhead % toleratedEvery === 0 ? minMs : upTo(detectedMs);
  };
}

/** Sets the clock wrong several times for some seconds each; returns how often. */
export async function withWrongClock(
  exporter: Exporter,
  nextStep: () => number,
  signal: AbortSignal,
): Promise<number> {
  for (let steps = 0; steps < stepsPerLife; steps++) {
    await sleep(steps === 0 ? firstMs : rightMs, undefined, { signal });
    const logOffset = exporter.output().length;
    const aheadMs = nextStep();
    exporter.setClock(aheadMs);
    await waitAndCorrect({ exporter, aheadMs, logOffset }, signal);
  }
  return stepsPerLife;
}

/** Starts the exporter with a wrong clock and corrects the clock while it runs. */
export async function startWithWrongClock(
  exporter: Exporter,
  aheadMs: number,
  signal: AbortSignal,
): Promise<void> {
  exporter.setClock(aheadMs);
  await exporter.start();
  await waitAndCorrect({ exporter, aheadMs, logOffset: 0 }, signal);
}

async function waitAndCorrect(
  {
    exporter,
    aheadMs,
    logOffset,
  }: { readonly exporter: Exporter; readonly aheadMs: number; readonly logOffset: number },
  signal: AbortSignal,
): Promise<void> {
  await sleep(wrongMs, undefined, { signal });
  if (Math.abs(aheadMs) > detectedMs) {
    await waitFor(
      'the warning about the clock',
      () => clockWarning.test(exporter.output().slice(logOffset)) || undefined,
      maxGatheredMs,
    );
  }
  exporter.setClock(0);
}
