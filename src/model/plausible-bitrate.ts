/**
 * Bit rates in bit/s between which those of a live stream with video normally are. A wrong unit makes a bit
 * rate wrong by a factor of 8, 125 or 1,000, so it is noticed only if the result is outside of this range.
 */
export const plausibleBps = { min: 20_000, max: 200_000_000 } as const;

/** Minimum number of samples that all have to be implausible: a single one can be a still picture. */
export const minImplausibleSamples = 3;

/** Reports whether a bit rate in bit/s is one that a live stream with video normally has. */
export function isPlausibleBps(bps: number): boolean {
  return bps >= plausibleBps.min && bps <= plausibleBps.max;
}
