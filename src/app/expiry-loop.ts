import { type Clock, secondMs } from '../model/time.ts';

/** Interval at which stale series expire and dirty records are flushed. */
const expiryIntervalMs = secondMs;

/** Runs `expireAndFlush` once per second until `signal` is aborted. A pass that has started completes. */
export function createExpiryLoop(
  expireAndFlush: () => Promise<void>,
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal,
) {
  let loop: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await expireAndFlush();
      await clock.sleep(expiryIntervalMs, signal).catch(() => undefined);
    }
  }

  return {
    start(): void {
      loop = run();
    },
    /** Resolves when the loop has ended; at once if it was never started. */
    ended: () => loop,
  };
}
