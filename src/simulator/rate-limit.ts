import { type EpochMs, secondMs } from '../model/time.ts';

/**
 * Creates a fixed-window rate limiter. The returned function counts a request at `now` (wall epoch ms) and
 * reports whether the request is within `limit` requests per calendar second. Rejected requests count towards
 * the limit too. Without a `limit`, every request is within the limit.
 */
export function createRateLimit(): (now: EpochMs, limit: number | undefined) => boolean {
  let second = -1;
  let requests = 0;
  return (now, limit = Infinity) => {
    const current = Math.floor(now / secondMs);
    if (current !== second) {
      second = current;
      requests = 0;
    }
    requests += 1;
    return requests <= limit;
  };
}

/**
 * Creates a deterministic sampler. The returned function selects the fraction `share` of its calls by
 * returning true, evenly distributed: 0.5 selects every second call. The sampler uses no random numbers, so
 * that a scenario plays identically each time.
 */
export function createSampler(): (share: number) => boolean {
  let sum = 0;
  return (share) => {
    sum += share;
    // Tolerate rounding errors of the sum: adding 0.1 ten times yields slightly less than 1.
    if (sum < 1 - 1e-9) return false;
    sum -= 1;
    return true;
  };
}
