import type { Clock } from '../model/time.ts';

/**
 * Creates a sleep that can be ended early, when something becomes due before the end of the sleep. All times
 * are monotonic milliseconds. If `signal` is aborted, each sleep ends at once.
 */
export function createAlarm(clock: Pick<Clock, 'elapsed' | 'sleep'>, signal: AbortSignal) {
  let sleepEndsAt = -Infinity;
  let wake = new AbortController();
  // Add one listener for the lifetime of the poller and not one per sleep.
  signal.addEventListener('abort', () => wake.abort(), { once: true });

  return {
    /**
     * Sleeps until the time `at` (monotonic ms), which can be Infinity. Ends earlier if `bringForward` is
     * called with an earlier time or if the signal is aborted.
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
    /**
     * Ends the current sleep if the time `at` (monotonic ms) is before the end of the sleep. No-op if there
     * is no current sleep.
     */
    bringForward(at: number): void {
      if (at < sleepEndsAt) wake.abort();
    },
  };
}
