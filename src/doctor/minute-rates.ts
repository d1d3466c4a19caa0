import type { PushSample } from '../model/push-sample.ts';
import type { MinuteRate } from '../model/questions.ts';
import { minuteMs } from '../model/time.ts';

/** Part of a minute of which there must be samples, so that their mean is that of the minute. */
const minCoverage = 0.5;

/** Returns the mean bit rates of whole minutes. `periodMs` is the time in ms that one sample covers. */
export function minuteRates(samples: readonly PushSample[], periodMs: number): readonly MinuteRate[] {
  const known = samples.flatMap(({ measuredAt, bitsPerSecond = 0 }) =>
    bitsPerSecond > 0 ? [{ measuredAt, bitsPerSecond }] : [],
  );
  const minutes = Map.groupBy(known, ({ measuredAt }) => Math.floor(measuredAt / minuteMs) * minuteMs);
  return [...minutes].flatMap(([measuredAt, own]) => {
    if (own.length * periodMs < minCoverage * minuteMs) return [];
    const sum = own.reduce((total, { bitsPerSecond }) => total + bitsPerSecond, 0);
    return [{ measuredAt, bitsPerSecond: sum / own.length }];
  });
}

/** Largest distance in ms between two minutes that are compared. */
const maxApartMs = 2 * minuteMs;

/** Bit rates in bit/s of one stream at about the same time, from two operations. */
export interface RatePair {
  readonly own: number;
  readonly reference: number;
}

/**
 * Pairs each bit rate with that of the closest minute of the reference, and returns the pair with the median
 * ratio: one minute can contain a change of the bit rate. Returns undefined if the operations have no minutes
 * in common.
 */
export function medianPair(
  own: readonly MinuteRate[],
  reference: readonly MinuteRate[],
): RatePair | undefined {
  const known = reference.filter(({ bitsPerSecond }) => bitsPerSecond > 0);
  const pairs = own.flatMap(({ measuredAt, bitsPerSecond }): readonly RatePair[] => {
    const apart = (minute: MinuteRate) => Math.abs(minute.measuredAt - measuredAt);
    const [closest] = known.toSorted((a, b) => apart(a) - apart(b));
    if (closest === undefined || apart(closest) > maxApartMs) return [];
    return [{ own: bitsPerSecond, reference: closest.bitsPerSecond }];
  });
  const sorted = pairs.toSorted((a, b) => a.own / a.reference - b.own / b.reference);
  return sorted[Math.floor(sorted.length / 2)];
}
