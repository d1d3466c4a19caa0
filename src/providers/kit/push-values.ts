import { readNumber } from './values.ts';

/**
 * Maximum plausible frame rate. A single larger value could spoil the totals forever: if a sum is above 2^53,
 * adding a small number no longer changes it.
 */
export const maxFramesPerSecond = 1_000;
/** Maximum plausible bit rate, for the same reason. */
export const maxBitsPerSecond = 10_000_000_000;

export const valueWarning = 'implausible frame rates or bit rates in the response are ignored';

/** Reads a number; undefined if it is unknown or above `max`. */
export function readUpTo(max: number, value: unknown): number | undefined {
  const number = readNumber(value);
  return number !== undefined && number <= max ? number : undefined;
}

/**
 * Returns the sum of video and audio; undefined if one of them is unknown, because the other is not the
 * total.
 */
export function totalOf(video: number | undefined, audio: number | undefined): number | undefined {
  return video === undefined || audio === undefined ? undefined : video + audio;
}

/**
 * Reports whether a field of a row has a value that is not a plausible number, so that `number` is undefined.
 */
export function wasDropped(value: unknown, number: number | undefined): boolean {
  return number === undefined && value !== undefined && value !== null && value !== '';
}
