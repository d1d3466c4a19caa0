import { type EpochMs, minuteMs, secondMs } from '../model/time.ts';

/** Time without samples within a push that is interrupted again and again, or was interrupted for long. */
export interface Interruption {
  /** Begin of the first break, as long as no five minutes without much interruption were in between. */
  readonly since: EpochMs;
  /** Time in ms without samples between the samples of the last five minutes. */
  readonly ms: number;
}

/** Time in ms within five minutes from which on a push is interrupted: 30 %, as for the alert LivestreamPushFlapping. */
export const minInterruptedMs = 1.5 * minuteMs;

/** Distance of samples in seconds that is no break, whatever the period of the samples is. */
const maxDistanceSeconds = 15;

/**
 * Returns the breaks in a list of times (epoch seconds, in any order): the time in ms that is longer than the usual
 * distance of the samples, and the begin of the first break. Returns undefined if there are none.
 */
export function breaksOf(seconds: readonly number[]): Interruption | undefined {
  if (!hasLongDistance(seconds)) return undefined;
  const sorted = seconds.toSorted((a, b) => a - b);
  const distances = sorted.slice(1).map((second, i) => second - (sorted[i] ?? second));
  const usual = distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 0;
  const isBreak = (distance: number) => distance > Math.max(maxDistanceSeconds, 2.5 * usual);
  const first = distances.findIndex(isBreak);
  if (first < 0) return undefined;
  const lost = distances.filter(isBreak).reduce((total, distance) => total + distance - usual, 0);
  return { since: (sorted[first] ?? 0) * secondMs, ms: lost * secondMs };
}

/** Reports whether a break is possible. Nearly all streams need no further look. */
function hasLongDistance(seconds: readonly number[]): boolean {
  for (let i = 1; i < seconds.length; i++) {
    if (Math.abs((seconds[i] ?? 0) - (seconds[i - 1] ?? 0)) > maxDistanceSeconds) return true;
  }
  return false;
}
