import { minuteMs, secondMs } from '../../src/model/time.ts';
import type { Draws } from './draws.ts';

/** One life of the exporter, from its start to the kill -9 that ends it. */
export interface Life {
  readonly forMs: number;
  /** So soon that it may not have read its state yet. */
  readonly isShort: boolean;
  readonly trouble: Trouble | undefined;
}

/** What is out of order for a part of a life. */
export type Trouble =
  /** No name resolves. */
  | 'names'
  /** The disk takes no write. */
  | 'storage'
  /** And refuses still when the kill comes. */
  | 'storage to the end'
  /** Its clock is wrong. */
  | 'clock'
  /** And was so when it started. */
  | 'clock at the start';

/** How long a life of each has to be. */
const lifeMs: Readonly<Record<Trouble, number>> = {
  // For two reloads and what they bring.
  names: 17 * secondMs,
  // For a save once the disk takes it again.
  storage: 13 * secondMs,
  // For some saves that still go well, and some that fail.
  'storage to the end': 10 * secondMs,
  // For two times that the clock is wrong, and answers after each.
  clock: 24 * secondMs,
  'clock at the start': 13 * secondMs,
};
export const shortLifeMs = 1_500;
/** A clock is set wrong so often in a life with such a trouble. */
export const jumpsOfLife = 2;

/** How the storm is cut into lives; together they take about `minutes`. */
export function planLives(minutes: number, draws: Draws): readonly Life[] {
  const kills = Math.round(3.6 * minutes);
  const bars = barsOf(minutes);
  const troubled: readonly Life[] = [
    ...timesOf('names', Math.max(1, Math.round(minutes / 2))),
    ...timesOf('storage', bars.storageFaults),
    ...timesOf('clock', bars.clockJumps / jumpsOfLife),
    ...timesOf('clock at the start', bars.wrongStarts),
  ];
  const unsaved = timesOf('storage to the end', bars.storageKills);
  const short = Math.ceil(kills / 8);
  const long = kills - troubled.length - unsaved.length - short;

  const shortLives = Array.from({ length: short }, () => draws.between(100, shortLifeMs));
  const weights = Array.from({ length: long }, () => draws.between(0.3, 1.7));
  const troubledMs = sum([...troubled, ...unsaved].map(({ forMs }) => forMs));
  const leftMs = minutes * minuteMs - troubledMs - sum(shortLives);
  const msOfWeight = leftMs / sum(weights);
  const lives = settledFirst(
    draws.shuffled<Life>([
      ...shortLives.map((forMs) => ({ forMs, isShort: true, trouble: undefined })),
      ...weights.map((weight) => ({ forMs: weight * msOfWeight, isShort: false, trouble: undefined })),
      ...troubled,
    ]),
  );
  // In the second half, when there is much to count that cannot be saved.
  for (const life of unsaved) {
    lives.splice(Math.floor(draws.between(lives.length / 2, lives.length + 1)), 0, life);
  }
  return lives;
}

/**
 * The clock is wrong only once targets had their first answers: of one that had none its beginning is moved with the clock
 * within one life, and not beyond (docs/architecture.md, "Clocks").
 */
function settledFirst(lives: readonly Life[]): Life[] {
  const isWrong = ({ trouble }: Life) => trouble === 'clock' || trouble === 'clock at the start';
  const settled = lives.findIndex(({ isShort, trouble }) => !isShort && (trouble ?? 'storage') === 'storage');
  return lives.findIndex(isWrong) > settled
    ? [...lives]
    : [...lives.slice(settled, settled + 1), ...lives.toSpliced(settled, 1)];
}

function timesOf(trouble: Trouble, times: number): readonly Life[] {
  return Array.from({ length: times }, () => ({ forMs: lifeMs[trouble], isShort: false, trouble }));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** The least that a run must have seen to prove anything. */
export interface Bars {
  readonly kills: number;
  readonly samples: number;
  readonly actions: number;
  readonly faultsOfEachKind: number;
  /** Times that the disk refused for a while. */
  readonly storageFaults: number;
  /** Kills while it refused. */
  readonly storageKills: number;
  /** Times that the clock was set wrong under a life, and right again. */
  readonly clockJumps: number;
  /** Lives that started by a wrong clock. */
  readonly wrongStarts: number;
}

export function barsOf(minutes: number): Bars {
  const lives = Math.ceil(minutes / 4);
  return {
    kills: 3 * minutes,
    samples: 1_000 * minutes,
    actions: 50 * minutes,
    faultsOfEachKind: 2 * minutes,
    storageFaults: lives,
    storageKills: lives,
    clockJumps: jumpsOfLife * lives,
    wrongStarts: lives,
  };
}
