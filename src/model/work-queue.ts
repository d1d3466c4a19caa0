import type { SliceOptions } from './slices.ts';

/** Work in steps. Whatever reads the results between two steps must find them consistent. */
export type Steps = Iterator<void>;

export interface WorkQueueOptions extends SliceOptions {
  /** Receives the error of work that fails after `add` has returned. By default, the error is thrown again. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

export type WorkQueue = ReturnType<typeof createWorkQueue>;

/** Number of steps between two reads of the clock, so that reading the clock costs less than the work. */
const stepsPerClockRead = 16;

/**
 * Creates a queue of work, which is done in order and in slices of `sliceMs`. Between two slices, the queue yields to
 * the event loop. If no earlier work is left, the first slice is done by `add` itself, so that the results of little
 * work are visible at once. All calls in one iteration of the event loop share this slice. Work that throws is dropped,
 * and the rest of the queue is done nevertheless.
 */
export function createWorkQueue({ sliceMs, elapsed, yieldNow, onError }: WorkQueueOptions) {
  const queue: Steps[] = [];
  /** Slice of this iteration of the event loop; undefined before its first work. */
  let slice: { readonly startedAt: number; steps: number; isOver: boolean } | undefined;

  /** Does work until the queue is empty or the slice is over. */
  const work = () => {
    const current = slice ?? startSlice();
    for (let steps = queue[0]; steps !== undefined && !current.isOver; steps = queue[0]) {
      if (isDone(steps)) queue.shift();
      current.steps++;
      if (current.steps % stepsPerClockRead === 0) current.isOver = elapsed() - current.startedAt >= sliceMs;
    }
  };

  /** Does one step. Reports whether it was the last one. */
  const isDone = (steps: Steps): boolean => {
    try {
      return steps.next().done === true;
    } catch (error) {
      queue.shift();
      throw error;
    }
  };

  const startSlice = () => {
    const started = { startedAt: elapsed(), steps: 0, isOver: false };
    slice = started;
    void yieldNow()
      .then(() => {
        slice = undefined;
        if (queue.length > 0) work();
      })
      .catch(onError);
    return started;
  };

  return {
    /** Adds work after all other work. */
    add(steps: Steps): void {
      queue.push(steps);
      if (queue.length === 1) work();
    },
    /** Resolves when no work is left. */
    async idle(): Promise<void> {
      while (queue.length > 0) await yieldNow();
    },
  };
}
