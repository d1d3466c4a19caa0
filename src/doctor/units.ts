import { isPlausibleBps, minImplausibleSamples } from '../model/plausible-bitrate.ts';
import type { Rate } from './facts.ts';

/** Unit of the bit rates of an operation: the present one, and those that the config can set. */
export interface UnitOptions {
  readonly current: string;
  /** Number of bits per second that the number 1 means, by unit. */
  readonly bitsPer: Readonly<Record<string, number>>;
}

/** Bit rate in bit/s of a typical stream, if the config expects none. */
const typicalBps = 2_500_000;

/** Factors by which a wrong unit changes a bit rate. */
const unitFactors = [8, 125, 1_000, 8_000];

/** Maximum ratio between the bit rates of one stream from two operations, if their units are right. */
const similar = 1.3;

/** Reports whether the bit rates of streams with video are all outside of the plausible range. */
export function areImplausible(rates: readonly Rate[]): boolean {
  return rates.length >= minImplausibleSamples && !rates.some(({ bps }) => isPlausibleBps(bps));
}

/** Returns the median of the bit rates in bit/s; undefined without any. */
export function medianBps(rates: readonly Rate[]): number | undefined {
  const sorted = rates.map(({ bps }) => bps).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/**
 * Returns the unit with which a bit rate, read as bit/s with the present unit, is closest to the expected bit
 * rate. Returns undefined if no unit makes it plausible.
 */
export function fittingUnit(
  bps: number,
  { current, bitsPer }: UnitOptions,
  expectedBps = typicalBps,
): string | undefined {
  const raw = bps / (bitsPer[current] ?? 1);
  const fitting = Object.entries(bitsPer)
    .map(([unit, bits]) => ({ unit, bps: raw * bits }))
    .filter((each) => isPlausibleBps(each.bps))
    .toSorted((a, b) => distance(a.bps, expectedBps) - distance(b.bps, expectedBps));
  return fitting[0]?.unit;
}

/**
 * Returns which of two bit rates of one stream at about the same time has a wrong unit; undefined if they
 * agree, or if their ratio is not that of two units: then one of them is just newer.
 */
export function wrongOne(a: number, b: number, expectedBps = typicalBps): 'first' | 'second' | undefined {
  if (!differByUnit(a, b)) return undefined;
  return distance(a, expectedBps) > distance(b, expectedBps) ? 'first' : 'second';
}

/** Reports whether two bit rates of one stream at about the same time are in the same unit. */
export function areSimilar(a: number, b: number): boolean {
  return ratioOf(a, b) <= similar;
}

/** Reports whether the ratio of two bit rates of one stream is that of two units. */
export function differByUnit(a: number, b: number): boolean {
  const ratio = ratioOf(a, b);
  return unitFactors.some((factor) => ratioOf(ratio, factor) <= similar);
}

/**
 * Returns the unit with which a bit rate, read as bit/s with the present unit, is nearly equal to a bit rate
 * whose unit is known; undefined if there is none.
 */
export function unitLike(
  bps: number,
  { current, bitsPer }: UnitOptions,
  knownBps: number,
): string | undefined {
  const raw = bps / (bitsPer[current] ?? 1);
  return Object.entries(bitsPer).find(([, bits]) => areSimilar(raw * bits, knownBps))?.[0];
}

/** Returns the ratio of the larger number to the smaller one. */
function ratioOf(a: number, b: number): number {
  return Math.max(a / b, b / a);
}

/** Returns how many times larger or smaller one number is than another, as a logarithm. */
function distance(a: number, b: number): number {
  return Math.abs(Math.log(a / b));
}
