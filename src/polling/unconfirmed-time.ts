import { type EpochMs, minuteMs } from '../model/time.ts';

/** Time that was first requested after an outage. */
interface Unconfirmed {
  /** Start of the time (epoch ms). */
  readonly from: EpochMs;
  /** Time until which empty time after `from` is not confirmed (monotonic ms). */
  readonly until: number;
}

/** Time in ms without a successful request that counts as an outage. Shorter outages need no special treatment. */
const outageMs = 5 * minuteMs;

/** Settings of a request that decide how long empty time stays unconfirmed. All times are in ms. */
export interface Confirmation {
  /** Age at which empty time is normally confirmed. */
  readonly confirmedAfterMs: number;
  /** Longest time before now that a request can cover. */
  readonly reachMs: number;
  readonly effectiveIntervalMs: number;
}

/**
 * Creates the memory of the time that is first requested after an outage of the provider or the exporter. Empty time is
 * normally confirmed at a certain age, because regular requests have covered it since it passed. The time of an
 * outage was not requested before, so it is confirmed when that much time has passed since the first answer: a provider
 * can deliver its samples with a backlog. `elapsed` returns the monotonic time in ms.
 */
export function createUnconfirmedTime(elapsed: () => number) {
  const unconfirmed = new Map<string, Unconfirmed>();
  return {
    /**
     * Returns the time before which a request can confirm empty time (epoch ms); undefined if only the age of the empty
     * time counts. Call the function before each request of a target, with the end of its last successful window. A
     * failed request changes nothing: the next one has the same `watermark`.
     */
    confirmTo(
      key: string,
      watermark: EpochMs,
      now: EpochMs,
      confirmation: () => Confirmation,
    ): EpochMs | undefined {
      // Fast path: nearly all targets have no outage.
      if (now - watermark <= outageMs && !unconfirmed.has(key)) return undefined;
      const { confirmedAfterMs, reachMs, effectiveIntervalMs } = confirmation();
      let known = unconfirmed.get(key);
      if (known !== undefined && elapsed() >= known.until) {
        unconfirmed.delete(key);
        known = undefined;
      }
      // If the budget is small, long times between two requests are normal.
      const isOutage = now - watermark > Math.max(outageMs, 3 * effectiveIntervalMs);
      if (isOutage && effectiveIntervalMs <= outageMs) {
        // Until the time is confirmed, each request must cover it.
        const oldest = now - reachMs + confirmedAfterMs;
        const from = Math.max(oldest, Math.min(known?.from ?? watermark, watermark));
        known = { from, until: elapsed() + confirmedAfterMs };
        unconfirmed.set(key, known);
      }
      // If the span was reduced since then, requests no longer reach back so far.
      return known && Math.max(known.from, now - reachMs);
    },
    remove: (key: string): void => void unconfirmed.delete(key),
  };
}
