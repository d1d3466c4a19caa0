/**
 * Milliseconds since 1970-01-01T00:00:00Z by a wall clock: the exporter's, or the provider's if the field
 * says so.
 */
export type EpochMs = number;

/**
 * Time range. Not documented by any provider: whether the ends are inclusive. So windows overlap, and
 * duplicates are dropped.
 */
export interface Window {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** The only timer of the program. Tests pass a manual clock. */
export interface Clock {
  /** Wall clock, which can be stepped. */
  now(): EpochMs;
  /** Monotonic clock in milliseconds, for durations. */
  elapsed(): number;
  /** Resolves after `ms`. Rejects with the signal's reason as soon as `signal` is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Yields to the event loop: resolves after the timers and I/O that are due now. */
  yieldNow(): Promise<void>;
}

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
