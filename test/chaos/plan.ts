import { minuteMs, secondMs } from '../../src/model/time.ts';
import type { Draws } from './draws.ts';

/** One process lifetime of the exporter, from its start to the kill -9 that ends it. */
export interface Life {
  readonly forMs: number;
  /** Whether it can end before the state is loaded. */
  readonly isShort: boolean;
  readonly trouble: Trouble | undefined;
  /** Time of the world that passes before the start of the process. */
  readonly awayMs: number;
  /** Number of leaps of the world's clock while the process runs. */
  readonly leaps: number;
}

/** Fault outside the proxy, for a part of a life. */
export type Trouble =
  /** Names do not resolve. */
  | 'names'
  /** Writes to disk fail. */
  | 'storage'
  /** Writes fail until the kill. */
  | 'storage to the end'
  /** The directory of the state or its file is deleted or renamed. */
  | 'state deleted'
  /** Another process writes to the state file. */
  | 'foreign writer'
  /** The disk does not respond for 2 to 20 s. */
  | 'hung disk'
  /** The wall clock is wrong. */
  | 'clock'
  /** The wall clock is wrong at the start. */
  | 'clock at the start'
  /** The provider does not answer long windows, after an outage of the exporter that makes them long. */
  | 'windows';

/** Duration of a life with each fault. */
const lifeMs: Readonly<Record<Trouble, number>> = {
  // Time for two reloads and their effects.
  names: 17 * secondMs,
  // Time for a successful flush after the failures.
  storage: 13 * secondMs,
  // Time for some successful and some failing flushes.
  'storage to the end': 10 * secondMs,
  // Time to notice it and to save again.
  'state deleted': 10 * secondMs,
  // Time for a successful flush after the failures.
  'foreign writer': 13 * secondMs,
  // Time for the longest hang and a flush after it.
  'hung disk': 28 * secondMs,
  // Time for two clock steps, and responses after each.
  clock: 24 * secondMs,
  'clock at the start': 13 * secondMs,
  // Time to halve the windows of all streams and to catch up.
  windows: 28 * secondMs,
};
export const shortLifeMs = 1_500;
/** Duration of an outage before a life with trouble `windows`: the windows exceed each limit of `window-faults.ts`. */
const outageMs = { least: 85 * minuteMs, most: 110 * minuteMs };
/** Maximum duration of all other outages. */
const maxAwayMs = minuteMs;
/** Maximum number of long outages, so that a story is shorter than a day. */
const maxOutages = 3;

/**
 * Leap of the world's clock while the exporter runs, as when a machine sleeps, and the time between two leaps. So one life
 * contains whole phases of late samples. The leap is shorter than the clock skew that the exporter tolerates, because its
 * clock follows the world's clock some milliseconds later.
 */
export const leapMs = 40 * secondMs;
export const leapEveryMs = 2 * secondMs;
/** Maximum number of leaps, so that a story is shorter than a day. */
const maxLeaps = 300;

/** Number of clock steps in a life with trouble `clock`. */
export const stepsPerLife = 2;

/** Plans the lives of a run; together they take about `minutes`. */
export function planLives(minutes: number, draws: Draws): readonly Life[] {
  const minimums = minimumsOf(minutes);
  const { stateDeletions, foreignWriters, hungDisks } = minimums;
  const kills = Math.max(8, Math.round(3.6 * minutes)) + stateDeletions + foreignWriters + hungDisks;
  const troubled: readonly PresentLife[] = [
    ...repeat('names', Math.max(1, Math.round(minutes / 2))),
    ...repeat('storage', minimums.storageFaults),
    ...repeat('state deleted', stateDeletions),
    ...repeat('foreign writer', foreignWriters),
    ...repeat('hung disk', hungDisks),
    ...repeat('clock', minimums.clockSteps / stepsPerLife),
    ...repeat('clock at the start', minimums.wrongStarts),
    ...repeat('windows', minimums.outages),
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
    draws.shuffled<PresentLife>([
      ...shortLives.map((forMs) => ({ forMs, isShort: true, trouble: undefined })),
      ...weights.map((weight) => ({ forMs: weight * msOfWeight, isShort: false, trouble: undefined })),
      ...troubled,
    ]),
  );
  // Place them in the second half, when there is much unsaved data.
  for (const life of unflushed) {
    lives.splice(Math.floor(draws.between(lives.length / 2, lives.length + 1)), 0, life);
  }
  // All streams need a response before the first outage, because counting starts one lookback before the start.
  const settled = lives.findIndex(isSettling);
  let leapsLeft = maxLeaps;
  return lives.map((life, index) => {
    if (index <= settled) return { ...life, awayMs: 0, leaps: 0 };
    const leaps = Math.min(leapsLeft, leapsIn(life));
    leapsLeft -= leaps;
    return { ...life, awayMs: awayMsOf(life, draws), leaps };
  });
}

/** Returns the time of the world that a run takes, in ms. */
export function storyMsOf(lives: readonly Life[]): number {
  return sum(lives.map(({ forMs, awayMs, leaps }) => forMs + awayMs + leaps * leapMs));
}

type PresentLife = Omit<Life, 'awayMs' | 'leaps'>;

function awayMsOf({ trouble }: PresentLife, draws: Draws): number {
  const { least, most } = trouble === 'windows' ? outageMs : { least: 0, most: maxAwayMs };
  return Math.round(draws.between(least, most));
}

function leapsIn({ forMs, isShort, trouble }: PresentLife): number {
  return isShort || trouble !== undefined ? 0 : Math.max(0, Math.floor(forMs / leapEveryMs) - 1);
}

/** Reports whether all targets get a response in a life. */
function isSettling({ isShort, trouble }: PresentLife): boolean {
  return !isShort && (trouble === undefined || trouble === 'storage');
}

/**
 * Moves a settling life to the front, so that all targets get a response before the clock is wrong or an outage starts.
 * A target without a response has a start time that follows the clock only within one life (docs/architecture.md,
 * "Clocks").
 */
function settledFirst(lives: readonly PresentLife[]): PresentLife[] {
  const needsSettled: readonly (Trouble | undefined)[] = ['clock', 'clock at the start', 'windows'];
  const isWrong = ({ trouble }: PresentLife) => needsSettled.includes(trouble);
  const settled = lives.findIndex(isSettling);
  return lives.findIndex(isWrong) > settled
    ? [...lives]
    : [...lives.slice(settled, settled + 1), ...lives.toSpliced(settled, 1)];
}

function repeat(trouble: Trouble, times: number): readonly PresentLife[] {
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
  /** Deletions of the state while the exporter runs; none in a short run. */
  readonly stateDeletions: number;
  /** Periods in which another process writes to the state file; none in a short run. */
  readonly foreignWriters: number;
  /** Periods in which the disk does not respond; none in a short run. */
  readonly hungDisks: number;
  /** Clock steps while the exporter runs. */
  readonly clockSteps: number;
  /** Starts with a wrong clock. */
  readonly wrongStarts: number;
  /** Long outages of the exporter, after which the provider limits windows. */
  readonly outages: number;
  readonly windowFaultsOfEachKind: number;
  /** Phases of late samples during which the exporter ran. */
  readonly latePhases: number;
  /** Samples that lack a value. */
  readonly partialSamples: number;
}

export function minimumsOf(minutes: number): Minimums {
  const lives = Math.ceil(minutes / 4);
  const outages = Math.min(maxOutages, lives);
  return {
    kills: 3 * minutes,
    samples: 1_000 * minutes,
    actions: 50 * minutes,
    faultsOfEachKind: 2 * minutes,
    storageFaults: lives,
    storageKills: lives,
    stateDeletions: Math.floor(minutes / 4),
    foreignWriters: Math.floor(minutes / 4),
    hungDisks: Math.floor(minutes / 8),
    clockSteps: stepsPerLife * lives,
    wrongStarts: lives,
    outages,
    windowFaultsOfEachKind: 20 * outages,
    latePhases: lives,
    partialSamples: 100 * minutes,
  };
}
