import type { EpochMs } from '../../src/model/time.ts';

/**
 * Wall clock of the simulated world: the system clock plus leaps. A leap lets hours of the world pass in no time, so that a
 * short run contains long outages, and late samples whose delay is longer than the life of a process.
 */
export interface WorldClock {
  now(): EpochMs;
  /** Returns the sum of all leaps in ms. */
  leaptMs(): number;
  leap(ms: number): void;
}

export function createWorldClock(realNow: () => EpochMs): WorldClock {
  let leaptMs = 0;
  return {
    now: () => realNow() + leaptMs,
    leaptMs: () => leaptMs,
    leap(ms) {
      leaptMs += Math.round(ms);
    },
  };
}
