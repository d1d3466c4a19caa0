import { secondMs } from './time.ts';

/**
 * How long a round of all targets of one question takes: the longest interval, or longer where the budget can't serve it.
 * Nothing is lost by that, since each call asks for all since the last.
 */
export function roundMs(targets: number, longestIntervalMs: number, callsPerSecond: number): number {
  return Math.max(longestIntervalMs, (targets / callsPerSecond) * secondMs);
}
