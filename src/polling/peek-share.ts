/** Number of history requests per peek during a catch-up with a tight budget. */
const requestsPerPeek = 10;

/**
 * Creates the limit on the peeks of all targets during a catch-up. If the effective interval is longer than
 * `stale_after`, a peek at each poll would double the requests. The requests of a catch-up could then take
 * longer than the time that they cover, and the catch-up would never end. So one peek is allowed per ten
 * calls of `take`.
 */
export function createPeekShare() {
  let allowed = 1;
  return {
    /** Reports whether a due peek can be sent after a history request. If so, counts the peek. */
    take(effectiveIntervalMs: number, staleAfterMs: number): boolean {
      if (effectiveIntervalMs <= staleAfterMs) return true;
      allowed = Math.min(1, allowed + 1 / requestsPerPeek);
      if (allowed < 1) return false;
      allowed = 0;
      return true;
    },
  };
}
