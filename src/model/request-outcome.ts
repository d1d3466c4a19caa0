import type { Window } from './time.ts';

/** Outcome of one history request of a target. */
export interface RequestOutcome {
  readonly window: Window;
  /** Time in ms until the answer or the failure, including the wait for the rate limit and all retries. */
  readonly tookMs: number;
  /** Number of rows in the answer; 0 if the request failed. */
  readonly rows: number;
  /** Number of rows that were counted. The others were counted before, or were skipped. */
  readonly counted: number;
  /** Number of rows that were skipped, such as rows that could not be read. */
  readonly skipped: number;
  /** Failure of the request; undefined if it succeeded. */
  readonly failure: { readonly kind: string; readonly message: string } | undefined;
}
