import { secondMs } from './time.ts';

/**
 * Allowance for network jitter. Providers count requests per calendar second of arrival (a fixed window), so
 * requests that are sent in different seconds can arrive in the same one.
 */
const arrivalJitterMs = 100;

/**
 * Returns the time between two tokens that keeps each calendar second at the provider within the rate limit.
 */
export function tokenSpacingMs(callsPerSecond: number): number {
  return (secondMs + arrivalJitterMs) / callsPerSecond;
}

/**
 * Returns the actual polling interval of a question: the longest configured interval, or longer if the budget
 * is too small for all targets. No data is lost, because each request covers the time since the last one.
 */
export function effectiveIntervalMs(targets: number, maxIntervalMs: number, callsPerSecond: number): number {
  return Math.max(maxIntervalMs, targets * tokenSpacingMs(callsPerSecond));
}
