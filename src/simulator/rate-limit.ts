import { type EpochMs, secondMs } from '../model/time.ts';

/**
 * Creates a fixed-window rate limiter: the result reports whether a request at `now` is within `limit` requests per
 * calendar second. Rejected requests count too.
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
 * Creates a deterministic sampler: the result selects the fraction `share` of its calls, evenly distributed (50 %
 * selects every second call). It uses no randomness, so that a scenario plays identically each time.
 */
export function createSampler(): (share: number) => boolean {
  let sum = 0;
  return (share) => {
    sum += share;
    // Tolerate rounding errors: ten times 0.1 is slightly less than 1.
    if (sum < 1 - 1e-9) return false;
    sum -= 1;
    return true;
  };
}
