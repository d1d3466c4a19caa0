import { type EpochMs, minuteMs } from './time.ts';

/** Longest delay in ms that is believed. Bounds the windows of requests, which grow with the delay. */
const maxDelayMs = 60 * minuteMs;

/** Length in ms of a time slot. The longest delays of the current and the previous slot count. */
const slotMs = 5 * minuteMs;

interface Slot {
  /** Wall time of the first observation (epoch ms). */
  readonly startedAt: EpochMs;
  readonly shortestMs: number;
  readonly longestMs: number;
}

export type ObservedDelay = ReturnType<typeof createObservedDelay>;

/**
 * Creates the memory of the delays that were observed lately: how long after its measurement a sample was not yet
 * available. `onSlot` receives the shortest delay (ms) of each finished time slot: all samples of the slot were at
 * least that late.
 */
export function createObservedDelay(onSlot: (shortestMs: number) => void) {
  let current: Slot | undefined;
  let previousLongestMs = 0;
  return {
    /** Adds the delay of one sample, in ms. A negative delay counts as 0. `now` is the wall time. */
    add(delayMs: number, now: EpochMs): void {
      const ms = Math.min(maxDelayMs, Math.max(0, delayMs));
      if (current !== undefined && Math.abs(now - current.startedAt) < slotMs) {
        const { startedAt, shortestMs, longestMs } = current;
        current = { startedAt, shortestMs: Math.min(shortestMs, ms), longestMs: Math.max(longestMs, ms) };
        return;
      }
      if (current !== undefined) {
        previousLongestMs = current.longestMs;
        onSlot(current.shortestMs);
      }
      current = { startedAt: now, shortestMs: ms, longestMs: ms };
    },
    /** Returns the longest delay of the last two slots with observations, in ms. 0 before the first observation. */
    longestMs: () => Math.max(previousLongestMs, current?.longestMs ?? 0),
  };
}
