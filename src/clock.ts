import { setImmediate } from 'node:timers/promises';
import { type Clock, dayMs } from './model/time.ts';

/**
 * Node's timers fire at once if the delay exceeds 2^31 - 1 ms (24.8 days), so longer sleeps use several
 * timers.
 */
const maxTimerMs = 20 * dayMs;

/** The system clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  async sleep(ms, signal) {
    let leftMs = ms;
    for (; leftMs > maxTimerMs; leftMs -= maxTimerMs) await sleepOnce(maxTimerMs, signal);
    await sleepOnce(leftMs, signal);
  },
  yieldNow: () => setImmediate(),
};

/** Sleeps with a single timer. Removes the timer and the listener, also after an abort. */
function sleepOnce(ms: number, signal: AbortSignal): Promise<void> {
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
