import type { EpochMs } from '../../model/time.ts';

/**
 * Returns the 32-bit FNV-1a hash of a text. It is the same in every process, so that a scenario plays
 * identically everywhere.
 */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/**
 * Returns a pseudo-random number from 0 (included) to 1 (excluded), which depends only on the arguments. `at`
 * (wall clock, epoch ms) is rounded down to a whole second. `purpose` names the decision for which the number
 * is used, such as `late`, so that different decisions at the same time get independent numbers.
 */
export function randomAt(seed: number, at: EpochMs, purpose: string): number {
  let hash = seed ^ hashText(purpose) ^ Math.imul(Math.floor(at / 1_000), 0x9e3779b1);
  // Apply the finalizer of MurmurHash3: without it, the numbers of consecutive seconds would be similar.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
