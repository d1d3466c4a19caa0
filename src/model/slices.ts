import type { Pace } from '../metrics/exposition/render.ts';

/** Does `work` for each item in turn; the items are those of an array, since others change meanwhile what a map holds. */
export type InPortions = <T>(items: readonly T[], work: (item: T) => void) => Promise<void>;

/** Looking at the clock costs less than the work for this many items. */
const itemsPerLook = 16;

/**
 * Lets the event loop turn whenever the work held it long enough. What one piece of work has left of its slice, the next
 * one gets: else many small ones, one after the other, would hold the loop as long as a large one.
 */
export function createPortions({ sliceMs, elapsed, turn }: Pace): InPortions {
  let began = elapsed();

  async function breathe(): Promise<void> {
    if (elapsed() - began < sliceMs) return;
    await turn();
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
