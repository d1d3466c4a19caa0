import type { Pace } from '../metrics/render.ts';

/** Looking at the clock costs less than the work for this many items. */
const itemsPerLook = 16;

/**
 * Does `work` for each item in turn, and lets the event loop turn whenever it held it long enough. The items are those of
 * an array, since others change meanwhile what a map holds.
 */
export async function inPortions<T>(
  items: readonly T[],
  work: (item: T) => void,
  { sliceMs, elapsed, turn }: Pace,
): Promise<void> {
  let began = elapsed();
  for (const [i, item] of items.entries()) {
    work(item);
    if ((i + 1) % itemsPerLook !== 0 || elapsed() - began < sliceMs) continue;
    await turn();
    began = elapsed();
  }
}
