import type { Clock, EpochMs } from '../../src/model/time.ts';
import { noon } from './samples.ts';

/** Clock that only moves on `advance` and `setNow`. */
export interface ManualClock extends Clock {
  /**
   * Advances the clock by `ms`. Wakes sleepers in time order, each with the clock at its wake-up time, and runs the
   * resulting tasks before the next wake-up. Tasks that are already ready run first.
   */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock; it does not affect sleeps and `elapsed`. */
  setNow(at: EpochMs): void;
  /** Returns the number of pending sleeps. */
  sleepers(): number;
}

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

export function createManualClock(startAt: EpochMs = noon): ManualClock {
  let elapsed = 0;
  let wallOffset = startAt;
  const asleep = new Set<Sleeper>();

  return {
    now: () => wallOffset + elapsed,
    elapsed: () => elapsed,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const leave = () => {
          asleep.delete(sleeper);
          signal.removeEventListener('abort', onAbort);
        };
        const onAbort = () => {
          leave();
          reject(signal.reason);
        };
        const wake = () => {
          leave();
          resolve();
        };
        const sleeper = { wakeAt: elapsed + Math.max(0, ms), wake };
        asleep.add(sleeper);
        signal.addEventListener('abort', onAbort);
      });
    },
    async advance(ms) {
      const end = elapsed + ms;
      await settle();
      for (let next = earliest(end); next !== undefined; next = earliest(end)) {
        elapsed = next.wakeAt;
        next.wake();
        await settle();
      }
      elapsed = end;
    },
    yieldNow: settle,
    setNow(at) {
      wallOffset = at - elapsed;
    },
    sleepers: () => asleep.size,
  };

  /** Returns the next sleeper that wakes by `end`; of equal times, the one that started to sleep first. */
  function earliest(end: number): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of asleep) {
      if (sleeper.wakeAt <= end && (first === undefined || sleeper.wakeAt < first.wakeAt)) first = sleeper;
    }
    return first;
  }
}

/** Runs all ready tasks: promises, then one iteration of the event loop. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
