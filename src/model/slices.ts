import type { Clock } from './time.ts';

/**
 * Settings of slices: the maximum time in ms for which work can block the event loop before it yields, and
 * the clock that measures this time.
 */
export interface SliceOptions extends Pick<Clock, 'elapsed' | 'yieldNow'> {
  readonly sliceMs: number;
  /**
   * Number of items that are processed between two reads of the clock. By default 16, so that reading the clock
   * costs less than the work. Use 1 if an item takes long.
   */
  readonly itemsPerClockRead?: number;
}

/**
 * Function that calls `work` for each item in order, and yields to the event loop between slices. Other code can
 * change the items between two slices. So if an item must not be missed or seen twice, pass an array.
 */
export type InSlices = <T>(items: Iterable<T>, work: (item: T) => void) => Promise<void>;

/**
 * Returns a variant of `inSlices` that rejects with the reason of `signal` at the next item if the signal was
 * aborted, for example between two slices.
 */
export function abortableSlices(
  inSlices: InSlices,
  signal: Pick<AbortSignal, 'aborted' | 'reason'>,
): InSlices {
  return (items, work) =>
    inSlices(items, (item) => {
      if (signal.aborted) throw signal.reason;
      work(item);
    });
}

/**
 * Creates a function that processes items in slices of `sliceMs` and yields to the event loop between slices.
 * If a call ends within a slice, the next call continues the slice, so that many short calls also yield.
 */
export function createSlices({ sliceMs, itemsPerClockRead = 16, elapsed, yieldNow }: SliceOptions): InSlices {
  let sliceStartedAt = elapsed();

  async function yieldIfDue(): Promise<void> {
    if (elapsed() - sliceStartedAt < sliceMs) return;
    await yieldNow();
    sliceStartedAt = elapsed();
  }

  return async (items, work) => {
    let count = 0;
    for (const item of items) {
      if (count++ % itemsPerClockRead === 0) await yieldIfDue();
      work(item);
    }
    await yieldIfDue();
  };
}
