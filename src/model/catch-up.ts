import { hourMs } from './time.ts';

/** Requests of one operation at one account. All times are in ms. */
export interface RequestLoad {
  /** Number of requests of a round (one poll of each target). */
  readonly requests: number;
  /** Time between two requests at the rate limit. */
  readonly spacingMs: number;
  /** Longest configured polling interval. */
  readonly intervalMs: number;
  /** Longest window of one request. */
  readonly spanMs: number;
  /** Part of each window that the previous window also covered. */
  readonly lookbackMs: number;
}

/** Duration in ms of the outage after which `plan` predicts the catch-up. */
export const plannedOutageMs = hourMs;

/** Requests per history request during a catch-up: one in ten also requests the newest window for the gauges. */
const catchUpLoad = 1.1;

/**
 * Reports whether the budget loses data in the long run: between two polls of a target, more time passes than one
 * request covers, so the target falls behind until the provider no longer retains what is missing.
 */
export function losesData({ requests, spacingMs, spanMs, lookbackMs }: RequestLoad): boolean {
  return requests * spacingMs > spanMs - lookbackMs;
}

/**
 * Returns the time in ms until all targets are up to date again after an outage of `outageMs`. Infinity if the budget
 * is too small to catch up.
 */
export function catchUpMs(plan: RequestLoad, outageMs: number): number {
  const { requests, spacingMs, intervalMs, spanMs, lookbackMs } = plan;
  const roundMs = requests * spacingMs;
  /** Time that one request covers and that no earlier request has covered. */
  const newMs = spanMs - lookbackMs;
  // After the outage, the first request of a target covers at most `newMs`; the rest needs further rounds.
  const behindMs = outageMs + Math.max(roundMs, intervalMs) - newMs;
  if (behindMs <= 0) return roundMs;
  // During a round, a target gains `newMs` but loses the time that the round takes.
  const gainMs = newMs - catchUpLoad * roundMs;
  if (gainMs <= 0) return Number.POSITIVE_INFINITY;
  return Math.ceil(behindMs / gainMs) * catchUpLoad * roundMs + roundMs;
}
