import { setImmediate } from 'node:timers/promises';
import { type Clock, dayMs } from './model/time.ts';

/** A timer of Node's that is asked for more than 2^31 - 1 ms fires at once; so longer sleeps are slept in pieces. */
const longestTimerMs = 20 * dayMs;

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  async sleep(ms, signal) {
    let left = ms;
    for (; left > longestTimerMs; left -= longestTimerMs) await nap(longestTimerMs, signal);
    await nap(left, signal);
  },
  yieldNow: () => setImmediate(),
};

/** Leaves neither a timer nor a listener behind, however it ends. */
function nap(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener('abort', wake);
  });
}
