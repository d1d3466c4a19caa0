import type { Clock } from './time.ts';

/** How long work can block the event loop before it yields, and the clock that measures it. */
export interface SliceOptions extends Pick<Clock, 'elapsed' | 'yieldNow'> {
  readonly sliceMs: number;
}

/** Does `work` for each item in turn; the items are those of an array, since others change meanwhile what a map holds. */
export type InSlices = <T>(items: readonly T[], work: (item: T) => void) => Promise<void>;

/** Looking at the clock costs less than the work for this many items. */
const itemsPerLook = 16;

/**
 * Lets the event loop turn whenever the work held it long enough. What one piece of work has left of its slice, the next
 * one gets: else many small ones, one after the other, would hold the loop as long as a large one.
 */
export function createSlices({ sliceMs, elapsed, yieldNow }: SliceOptions): InSlices {
  let began = elapsed();

  async function breathe(): Promise<void> {
    if (elapsed() - began < sliceMs) return;
    await yieldNow();
    began = elapsed();
  }

  return async (items, work) => {
    for (const [i, item] of items.entries()) {
      if (i % itemsPerLook === 0) await breathe();
      work(item);
    }
    await breathe();
  };
}
