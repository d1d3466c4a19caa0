import type { Clock, EpochMs } from '../../src/model/time.ts';
import { noon } from './samples.ts';

/** A clock that moves when told. */
export interface ManualClock extends Clock {
  /**
   * Lets `ms` go by: wakes who sleeps until then, in the order of their times, each with the clock at its time, and
   * lets what follows run before the next. Also lets run what was ready before.
   */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock, as anybody can; sleeps and `elapsed` don't notice. */
  setNow(at: EpochMs): void;
  /** How many are asleep. */
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

  /** Of those who wake by `end`; of two at the same time the one that fell asleep first. */
  function earliest(end: number): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of asleep) {
      if (sleeper.wakeAt <= end && (first === undefined || sleeper.wakeAt < first.wakeAt)) first = sleeper;
    }
    return first;
  }
}

/** Lets all that is ready run, and what becomes ready by that: promises first, then one turn of the event loop. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
