/** Maximum sum of the sizes of all large response bodies in memory, in bytes. */
const maxSumBytes = 64 * 1024 * 1024;

/**
 * Size in bytes up to which a body is not large. 1,440 rows, two hours of one publisher, are below it.
 */
const maxSmallBytes = 256 * 1024;

export type LargeBodies = ReturnType<typeof createLargeBodies>;

/**
 * Creates the memory budget of large response bodies, which all accounts share. Hundreds of requests can be in
 * progress, and the maximum size of one body does not limit their sum. So a body that grows above
 * `smallBytes` continues only after it has reserved its size.
 */
export function createLargeBodies(sumBytes = maxSumBytes, smallBytes = maxSmallBytes) {
  let freeBytes = sumBytes;
  /** Bodies that wait, in the order of their requests. */
  const waiting = new Set<{ readonly bytes: number; readonly start: () => void }>();

  /** Starts waiting bodies in their order, so that small ones do not keep a large one waiting for ever. */
  const startNext = () => {
    for (const body of waiting) {
      if (body.bytes > freeBytes) return;
      waiting.delete(body);
      freeBytes -= body.bytes;
      body.start();
    }
  };

  return {
    smallBytes,
    /**
     * Reserves `bytes` of the budget and calls `onReserved` as soon as they are free, which can be at once.
     * Returns a function that frees the bytes or ends the wait. Further calls of that function are no-ops.
     */
    reserve(bytes: number, onReserved: () => void): () => void {
      let isReserved = false;
      const body = {
        // A body larger than the whole budget waits for the whole budget.
        bytes: Math.min(bytes, sumBytes),
        start: () => {
          isReserved = true;
          onReserved();
        },
      };
      waiting.add(body);
      startNext();
      return () => {
        const wasWaiting = waiting.delete(body);
        if (isReserved) freeBytes += body.bytes;
        else if (!wasWaiting) return;
        isReserved = false;
        startNext();
      };
    },
  };
}
