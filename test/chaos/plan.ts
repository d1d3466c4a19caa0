import { minuteMs, secondMs } from '../../src/model/time.ts';
import type { Draws } from './draws.ts';

/** One life of the exporter, from its start to the kill -9 that ends it. */
export interface Life {
  readonly forMs: number;
  /** So soon that it may not have read its state yet. */
  readonly isShort: boolean;
  /** What is out of order for a part of it: no name resolves, or the disk takes no write. */
  readonly trouble: 'names' | 'storage' | undefined;
}

/** Such a life has to be long enough for two reloads and what they bring. */
const namesLifeMs = 17 * secondMs;
/** And such a one for a save once the disk takes it again. */
const storageLifeMs = 13 * secondMs;
export const shortLifeMs = 1_500;

/** How the storm is cut into lives; together they take about `minutes`. */
export function planLives(minutes: number, draws: Draws): readonly Life[] {
  const kills = Math.round(3.6 * minutes);
  const names = Math.max(1, Math.round(minutes / 2));
  const storage = barsOf(minutes).storageFaults;
  const short = Math.ceil(kills / 8);
  const long = kills - names - storage - short;

  const shortLives = Array.from({ length: short }, () => draws.between(100, shortLifeMs));
  const weights = Array.from({ length: long }, () => draws.between(0.3, 1.7));
  const leftMs = minutes * minuteMs - names * namesLifeMs - storage * storageLifeMs - sum(shortLives);
  const msOfWeight = leftMs / sum(weights);
  return draws.shuffled<Life>([
    ...shortLives.map((forMs) => ({ forMs, isShort: true, trouble: undefined })),
    ...weights.map((weight) => ({ forMs: weight * msOfWeight, isShort: false, trouble: undefined })),
    ...Array.from({ length: names }, () => ({
      forMs: namesLifeMs,
      isShort: false,
      trouble: 'names' as const,
    })),
    ...Array.from({ length: storage }, () => ({
      forMs: storageLifeMs,
      isShort: false,
      trouble: 'storage' as const,
    })),
  ]);
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
}

export function barsOf(minutes: number): Bars {
  return {
    kills: 3 * minutes,
    samples: 1_000 * minutes,
    actions: 50 * minutes,
    faultsOfEachKind: 2 * minutes,
    storageFaults: Math.ceil(minutes / 4),
  };
}
