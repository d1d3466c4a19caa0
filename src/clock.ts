import { type Clock, dayMs } from './model/time.ts';

/**
 * Maximum delay of one timer, in ms. A longer sleep uses several timers, because Node's timers fire at once
 * if their delay exceeds 2^31 - 1 ms (24.8 days).
 */
const maxTimerMs = 20 * dayMs;

/**
 * Clock of the operating system. `now` is wall time in epoch ms, `elapsed` is monotonic time in ms since the
 * process started.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  async sleep(ms, signal) {
    let leftMs = ms;
    for (; leftMs > maxTimerMs; leftMs -= maxTimerMs) await sleepOnce(maxTimerMs, signal);
    await sleepOnce(leftMs, signal);
  },
  yieldNow,
};

/** Tasks that have yielded, the first one first. */
const yielded: (() => void)[] = [];

/**
 * Returns to the event loop. Each iteration of the loop resumes one task, so that it takes the time of one slice,
 * however many tasks there are: Node accepts only one connection in an iteration. With 40 scrapes in progress, clients
 * would otherwise wait for 40 slices until the next one of them is accepted.
 */
function yieldNow(): Promise<void> {
  return new Promise((resolve) => {
    yielded.push(resolve);
    if (yielded.length === 1) setImmediate(resumeNext);
  });
}

function resumeNext(): void {
  const resume = yielded.shift();
  if (yielded.length > 0) setImmediate(resumeNext);
  resume?.();
}

/**
 * Sleeps for `ms` milliseconds with one timer. If `signal` aborts, rejects with its reason. Always removes
 * the timer and the abort listener at the end.
 */
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
