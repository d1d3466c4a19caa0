/**
 * Milliseconds since 1970-01-01T00:00:00Z. The time is from the provider's clock if the field says so,
 * otherwise from the exporter's wall clock.
 */
export type EpochMs = number;

/**
 * Time range from `from` to `to`. No provider documents whether the ends are included, so the windows of
 * requests overlap, and duplicates are dropped.
 */
export interface Window {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Clocks and timers of the program, and the only way to set a timer. Tests pass a manual clock. */
export interface Clock {
  /** Returns the time of the wall clock, which can be stepped. */
  now(): EpochMs;
  /** Returns the time of the monotonic clock in ms, for durations. */
  elapsed(): number;
  /** Resolves after `ms` milliseconds. Rejects with the signal's reason as soon as `signal` is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Yields to the event loop. Resolves after the timers and I/O that are due now. */
  yieldNow(): Promise<void>;
}

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
