import type { EpochMs } from '../../model/time.ts';

/** A 32-bit number from text (FNV-1a): the same on every machine, so that a scenario plays the same everywhere. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/**
 * A number from 0 up to, not including, 1 that depends on its arguments alone. `what` keeps the decisions about one
 * moment apart. `at` counts in whole seconds.
 */
export function chanceAt(seed: number, at: EpochMs, what: string): number {
  let hash = seed ^ hashText(what) ^ Math.imul(Math.floor(at / 1_000), 0x9e3779b1);
  // The last steps of MurmurHash3: without them neighbouring seconds would look alike.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
