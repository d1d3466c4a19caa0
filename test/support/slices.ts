import { createSlices } from '../../src/model/slices.ts';

/** Processes all items in one slice that never ends. */
export const inOneSlice = createSlices({ sliceMs: 1, elapsed: () => 0, yieldNow: () => Promise.resolve() });
