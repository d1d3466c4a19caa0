import type { Clock } from './time.ts';

/**
 * Settings of slices: the maximum time in ms for which work can block the event loop before it yields, and
 * the clock that measures this time.
 */
export interface SliceOptions extends Pick<Clock, 'elapsed' | 'yieldNow'> {
  readonly sliceMs: number;
}

/**
 * Function that calls `work` for each item in order, and yields to the event loop between slices. The items
 * are an array and not a map, because other code could change a map between two slices.
 */
export type InSlices = <T>(items: readonly T[], work: (item: T) => void) => Promise<void>;

/**
 * Number of items that are processed between two reads of the clock, so that reading the clock costs less
 * than the work.
 */
const itemsPerClockRead = 16;

/**
 * Creates a function that processes items in slices of `sliceMs` and yields to the event loop between slices.
 * If a call ends within a slice, the next call continues the slice, so that many short calls also yield.
 */
export function createSlices({ sliceMs, elapsed, yieldNow }: SliceOptions): InSlices {
  let sliceStartedAt = elapsed();

  async function yieldIfDue(): Promise<void> {
    if (elapsed() - sliceStartedAt < sliceMs) return;
    await yieldNow();
    sliceStartedAt = elapsed();
  }

  return async (items, work) => {
    for (const [i, item] of items.entries()) {
      if (i % itemsPerClockRead === 0) await yieldIfDue();
      work(item);
    }
    await yieldIfDue();
  };
}
