import { type EpochMs, secondMs } from '../model/time.ts';

/** So many calls in each calendar second, and no more. */
export function createTurns(): (now: EpochMs, limit: number | undefined) => boolean {
  let second = -1;
  let taken = 0;
  return (now, limit = Infinity) => {
    const current = Math.floor(now / secondMs);
    if (current !== second) {
      second = current;
      taken = 0;
    }
    taken += 1;
    return taken <= limit;
  };
}

/** A share of the calls, evenly: of 50% every second one, without chance, so that a story plays twice alike. */
export function createShares(): (share: number) => boolean {
  let sum = 0;
  return (share) => {
    sum += share;
    // A hair less than 1, since ten times 0.1 is not quite 1.
    if (sum < 1 - 1e-9) return false;
    sum -= 1;
    return true;
  };
}
