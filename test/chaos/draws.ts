import { hashText } from '../../src/simulator/world/random.ts';

/** Seeded pseudo-random number generator. */
export interface Draws {
  /** Returns a number from `low` (included) to `high` (excluded). */
  between(low: number, high: number): number;
  /** Returns an integer from 0 (included) to `end` (excluded). */
  below(end: number): number;
  pick<T>(list: readonly T[]): T;
  shuffled<T>(list: readonly T[]): T[];
  /** Creates an independent generator: its use does not change the sequence of this one. */
  of(purpose: string): Draws;
}

export function createDraws(seed: string): Draws {
  let state = hashText(seed);

  // Mulberry32 (public domain): its period of 2^32 is far more than a run needs.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);

  return {
    between: (low, high) => low + next() * (high - low),
    below,
    pick(list) {
      const picked = list[below(list.length)];
      if (picked === undefined) throw new Error('nothing to pick from');
      return picked;
    },
    shuffled(list) {
      const rest = [...list];
      return list.flatMap(() => rest.splice(below(rest.length), 1));
    },
    of: (purpose) => createDraws(`${seed} ${purpose}`),
  };
}
