import { type Clock, secondMs } from '../model/time.ts';

/** Interval in ms at which series of stale data are removed and a save is started. */
const expiryIntervalMs = secondMs;

/**
 * Creates a loop that calls `expireAndSave` once per second until `signal` is aborted. A call that is in
 * progress then still completes.
 */
export function createExpiryLoop(
  expireAndSave: () => Promise<void>,
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal,
) {
  let loop: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await expireAndSave();
      await clock.sleep(expiryIntervalMs, signal).catch(() => undefined);
    }
  }

  return {
    start(): void {
      loop = run();
    },
    /** Resolves when the loop has ended; resolves at once if the loop was never started. */
    ended: () => loop,
  };
}
