import { minuteMs, secondMs } from '../../src/model/time.ts';
import type { Draws } from './draws.ts';

/** One process lifetime of the exporter, from its start to the kill -9 that ends it. */
export interface Life {
  readonly forMs: number;
  /** Whether it can end before the state is loaded. */
  readonly isShort: boolean;
  readonly trouble: Trouble | undefined;
}

/** Fault outside the proxy, for a part of a life. */
export type Trouble =
  /** Names do not resolve. */
  | 'names'
  /** Writes to disk fail. */
  | 'storage'
  /** Writes fail until the kill. */
  | 'storage to the end'
  /** The wall clock is wrong. */
  | 'clock'
  /** The wall clock is wrong at the start. */
  | 'clock at the start';

/** Duration of a life with each fault. */
const lifeMs: Readonly<Record<Trouble, number>> = {
  // Time for two reloads and their effects.
  names: 17 * secondMs,
  // Time for a successful flush after the failures.
  storage: 13 * secondMs,
  // Time for some successful and some failing flushes.
  'storage to the end': 10 * secondMs,
  // Time for two clock steps, and responses after each.
  clock: 24 * secondMs,
  'clock at the start': 13 * secondMs,
};
export const shortLifeMs = 1_500;
/** Number of clock steps in a life with trouble `clock`. */
export const stepsPerLife = 2;

/** Plans the lives of a run; together they take about `minutes`. */
export function planLives(minutes: number, draws: Draws): readonly Life[] {
  const kills = Math.round(3.6 * minutes);
  const minimums = minimumsOf(minutes);
  const troubled: readonly Life[] = [
    ...repeat('names', Math.max(1, Math.round(minutes / 2))),
    ...repeat('storage', minimums.storageFaults),
    ...repeat('clock', minimums.clockSteps / stepsPerLife),
    ...repeat('clock at the start', minimums.wrongStarts),
  ];
  const unflushed = repeat('storage to the end', minimums.storageKills);
  const short = Math.ceil(kills / 8);
  const long = kills - troubled.length - unflushed.length - short;

  const shortLives = Array.from({ length: short }, () => draws.between(100, shortLifeMs));
  const weights = Array.from({ length: long }, () => draws.between(0.3, 1.7));
  const troubledMs = sum([...troubled, ...unflushed].map(({ forMs }) => forMs));
  const leftMs = minutes * minuteMs - troubledMs - sum(shortLives);
  const msOfWeight = leftMs / sum(weights);
  const lives = settledFirst(
    draws.shuffled<Life>([
      ...shortLives.map((forMs) => ({ forMs, isShort: true, trouble: undefined })),
      ...weights.map((weight) => ({ forMs: weight * msOfWeight, isShort: false, trouble: undefined })),
      ...troubled,
    ]),
  );
  // Place them in the second half, when there is much unsaved data.
  for (const life of unflushed) {
    lives.splice(Math.floor(draws.between(lives.length / 2, lives.length + 1)), 0, life);
  }
  return lives;
}

/**
 * Moves a life without clock faults to the front, so that all targets get a response before the clock is wrong. A target
 * without a response has a start time that follows the clock only within one life (docs/architecture.md, "Clocks").
 */
function settledFirst(lives: readonly Life[]): Life[] {
  const isWrong = ({ trouble }: Life) => trouble === 'clock' || trouble === 'clock at the start';
  const settled = lives.findIndex(({ isShort, trouble }) => !isShort && (trouble ?? 'storage') === 'storage');
  return lives.findIndex(isWrong) > settled
    ? [...lives]
    : [...lives.slice(settled, settled + 1), ...lives.toSpliced(settled, 1)];
}

function repeat(trouble: Trouble, times: number): readonly Life[] {
  return Array.from({ length: times }, () => ({ forMs: lifeMs[trouble], isShort: false, trouble }));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0);
}

/** Minimum numbers of events for a valid run. */
export interface Minimums {
  readonly kills: number;
  readonly samples: number;
  readonly actions: number;
  readonly faultsOfEachKind: number;
  /** Periods with failing writes. */
  readonly storageFaults: number;
  /** Kills while writes fail. */
  readonly storageKills: number;
  /** Clock steps while the exporter runs. */
  readonly clockSteps: number;
  /** Starts with a wrong clock. */
  readonly wrongStarts: number;
}

export function minimumsOf(minutes: number): Minimums {
  const lives = Math.ceil(minutes / 4);
  return {
    kills: 3 * minutes,
    samples: 1_000 * minutes,
    actions: 50 * minutes,
    faultsOfEachKind: 2 * minutes,
    storageFaults: lives,
    storageKills: lives,
    clockSteps: stepsPerLife * lives,
    wrongStarts: lives,
  };
}
