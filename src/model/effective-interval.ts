import { secondMs } from './time.ts';

/**
 * How much longer one call may be on its way than another without a second of the provider's seeing too many. Providers
 * count by calendar second, and by when a call arrives.
 */
const arrivalJitterMs = 100;

/** The pause between two turns that keeps every second of the provider's, however its seconds lie, within the rate. */
export function tokenSpacingMs(callsPerSecond: number): number {
  return (secondMs + arrivalJitterMs) / callsPerSecond;
}

/**
 * How long a round of all targets of one question takes: the longest interval, or longer where the budget can't serve it.
 * Nothing is lost by that, since each call asks for all since the last.
 */
export function effectiveIntervalMs(
  targets: number,
  longestIntervalMs: number,
  callsPerSecond: number,
): number {
  return Math.max(longestIntervalMs, targets * tokenSpacingMs(callsPerSecond));
}
