/** Bound of the set of dropped stream keys. Beyond this bound, the number only says "very many". */
const maxDropped = 100_000;

/**
 * Creates the limit on the number of streams (`limits.max_streams`), with the set of streams that exceed it.
 * `count` returns the current number of streams.
 */
export function createStreamLimit(setDropped: (streams: number) => void, count: () => number) {
  const dropped = new Set<string>();
  let maxStreams = 0;
  return {
    free: () => Math.max(0, maxStreams - count()),
    drop(streamKeys: readonly string[]) {
      for (const key of streamKeys) if (dropped.size < maxDropped) dropped.add(key);
      setDropped(dropped.size);
    },
    /**
     * Sets a new limit and forgets the streams that exceeded the old limit. A stream that exceeds the new
     * limit is dropped again with its next action.
     */
    reset(limit: number) {
      maxStreams = limit;
      dropped.clear();
      setDropped(0);
    },
  };
}
