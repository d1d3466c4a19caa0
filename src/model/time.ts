/**
 * Milliseconds since 1970-01-01T00:00:00Z by a wall clock: the provider's clock if the field says so, else
 * the exporter's clock.
 */
export type EpochMs = number;

/**
 * Time range from `from` to `to`. No provider documents whether the ends are inclusive. So the windows of
 * requests overlap, and duplicates are dropped.
 */
export interface Window {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Clocks and timers of the program. No other code sets a timer. Tests pass a manual clock. */
export interface Clock {
  /** Returns the time of the wall clock, which can be stepped. */
  now(): EpochMs;
  /** Returns the time of the monotonic clock in ms, for durations. */
  elapsed(): number;
  /** Resolves after `ms` milliseconds. Rejects with the signal's reason as soon as `signal` is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Yields to the event loop: resolves after the timers and I/O that are due now. */
  yieldNow(): Promise<void>;
}

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
