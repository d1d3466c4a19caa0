import { hashText } from '../../src/simulator/world/random.ts';

/** A row of draws that is the same for the same seed. */
export interface Draws {
  /** From `low` up to, not including, `high`. */
  between(low: number, high: number): number;
  /** Whole, from 0 up to, not including, `end`. */
  below(end: number): number;
  pick<T>(list: readonly T[]): T;
  shuffled<T>(list: readonly T[]): T[];
  /** A row of its own: what is drawn from it does not move this one. */
  of(what: string): Draws;
}

export function createDraws(seed: string): Draws {
  let state = hashText(seed);

  // Mulberry32 (public domain): 2^32 draws before it repeats, far more than a run needs.
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
    of: (what) => createDraws(`${seed} ${what}`),
  };
}
