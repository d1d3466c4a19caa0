import { createSlices } from '../../src/model/slices.ts';

/** Processes all items in one slice that never ends. */
export const inOneSlice = createSlices({ sliceMs: 1, elapsed: () => 0, yieldNow: () => Promise.resolve() });

/**
 * Creates slices that are over at each read of the clock, after 16 items and at the end. `onYield` receives the number
 * of yields so far.
 */
export function createShortSlices(onYield: (count: number) => void = () => {}) {
  let now = 0;
  let yields = 0;
  const inSlices = createSlices({
    sliceMs: 1,
    elapsed: () => now++,
    yieldNow: async () => onYield(++yields),
  });
  return { inSlices, yields: () => yields };
}
