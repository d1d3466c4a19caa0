import type { Clock } from '../model/time.ts';

/**
 * Creates a sleep that ends early if something becomes due before its end. All times are monotonic
 * milliseconds. If `signal` is aborted, sleeps end at once.
 */
export function createAlarm(clock: Pick<Clock, 'elapsed' | 'sleep'>, signal: AbortSignal) {
  let sleepEndsAt = -Infinity;
  let wake = new AbortController();
  // Add one listener for the life of the poller, not one listener per sleep.
  signal.addEventListener('abort', () => wake.abort(), { once: true });

  return {
    /**
     * Sleeps until `at` (monotonic ms), which can be Infinity. Returns earlier if `bringForward` or an abort
     * of the signal ends the sleep.
     */
    async sleepUntil(at: number): Promise<void> {
      if (signal.aborted) return;
      wake = new AbortController();
      sleepEndsAt = at;
      try {
        await clock.sleep(at - clock.elapsed(), wake.signal);
      } catch (error) {
        if (!wake.signal.aborted) throw error;
      } finally {
        sleepEndsAt = -Infinity;
      }
    },
    /** Ends the current sleep if `at` (monotonic ms) is before its end. No-op if nothing sleeps. */
    bringForward(at: number): void {
      if (at < sleepEndsAt) wake.abort();
    },
  };
}
