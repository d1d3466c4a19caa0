import { secondMs } from './time.ts';

/**
 * Allowance for network jitter, in ms. Providers count requests per calendar second of arrival (a fixed
 * window), so requests that are sent in different seconds can arrive in the same second.
 */
const arrivalJitterMs = 100;

/**
 * Returns the time in ms between two tokens (permissions for one request) that keeps the number of requests
 * in each calendar second at the provider within the rate limit.
 */
export function tokenSpacingMs(callsPerSecond: number): number {
  return (secondMs + arrivalJitterMs) / callsPerSecond;
}

/**
 * Returns the actual polling interval of all targets of a question, in ms: the longest configured interval,
 * or longer if the rate limit is too low for the number of targets. No data is lost, because each request
 * covers the time since the previous request.
 */
export function effectiveIntervalMs(targets: number, maxIntervalMs: number, callsPerSecond: number): number {
  return Math.max(maxIntervalMs, targets * tokenSpacingMs(callsPerSecond));
}
