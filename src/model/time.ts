/** A moment: milliseconds since 1970-01-01T00:00:00Z, by the wall clock it was read from. */
export type EpochMs = number;

/** A stretch of time. Both ends may be inside: no provider documents it, so windows overlap and doubles are dropped. */
export interface Window {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** The only timer in the program. Tests pass one that moves when told. */
export interface Clock {
  /** The wall clock, which anybody can set back. */
  now(): EpochMs;
  /** Milliseconds on a clock that only goes forward: for how long something took. */
  elapsed(): number;
  /** Resolves after `ms`; when `signal` is aborted it rejects with the signal's reason, at once. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Yields to the event loop: resolves after the timers and I/O that are due now. */
  yieldNow(): Promise<void>;
}

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
