import { secondMs } from './time.ts';

/**
 * Allowance for network jitter, in ms. Providers count requests per calendar second of arrival (fixed
 * window), and requests that were sent in different seconds can arrive in the same second.
 */
const arrivalJitterMs = 100;

/**
 * Returns the minimum time in ms between two tokens (permissions for one request). With this spacing, no
 * calendar second at the provider receives more requests than the rate limit allows.
 */
export function tokenSpacingMs(callsPerSecond: number): number {
  return (secondMs + arrivalJitterMs) / callsPerSecond;
}

/**
 * Returns the actual polling interval in ms of all targets that share a rate limit: the longest configured
 * interval, or longer if the rate limit is too low for the number of targets. A longer interval loses no
 * data, because each request covers the time since the previous request.
 */
export function effectiveIntervalMs(requests: number, maxIntervalMs: number, callsPerSecond: number): number {
  return Math.max(maxIntervalMs, requests * tokenSpacingMs(callsPerSecond));
}
