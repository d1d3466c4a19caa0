import { type EpochMs, secondMs } from '../model/time.ts';

/**
 * Creates a fixed-window rate limiter: a function that counts a request at `now` (wall clock, epoch ms) and
 * reports whether it is within `limit` requests per calendar second. Rejected requests are counted too. If
 * `limit` is undefined, every request is within the limit.
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
 * Creates a deterministic sampler: a function that returns true for the fraction `share` of its calls, evenly
 * distributed. With 0.5, it returns true for every second call. It uses no random numbers, so that a scenario
 * always plays identically.
 */
export function createSampler(): (share: number) => boolean {
  let sum = 0;
  return (share) => {
    sum += share;
    // Tolerate the rounding error of the sum: adding 0.1 ten times gives slightly less than 1.
    if (sum < 1 - 1e-9) return false;
    sum -= 1;
    return true;
  };
}
