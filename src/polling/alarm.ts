import type { Clock } from '../model/time.ts';

/** Creates a sleep that ends early if something becomes due before. All times are monotonic milliseconds. */
export function createAlarm(clock: Pick<Clock, 'elapsed' | 'sleep'>, signal: AbortSignal) {
  let sleepEndsAt = -Infinity;
  let wake = new AbortController();
  // One listener for the life of the poller, not one per sleep.
  signal.addEventListener('abort', () => wake.abort(), { once: true });

  return {
    /** Sleeps until `at`, which can be Infinity, or until an earlier wake-up or the abort of the signal. */
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
    /** Ends the current sleep if `at` is before its end. No-op if nothing sleeps. */
    bringForward(at: number): void {
      if (at < sleepEndsAt) wake.abort();
    },
  };
}
