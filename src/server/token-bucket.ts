import type { RateLimit } from './web-settings.ts';

/** Creates the function that takes a token, or returns false if there is none. It begins with a full bucket. */
export function createTokenBucket(elapsed: () => number) {
  let tokens = Number.POSITIVE_INFINITY;
  let at = elapsed();
  return ({ intervalMs, burst }: RateLimit): boolean => {
    const now = elapsed();
    tokens = Math.min(burst, tokens + (now - at) / intervalMs);
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
