/** Maximum number of dropped streams that are remembered. Above it, the exact number does not matter. */
const maxDropped = 100_000;

/**
 * Creates the limit on the number of streams (`limits.max_streams`), and remembers the streams that exceed
 * it. `count` returns the current number of streams.
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
     * Sets a new limit and forgets the streams that exceeded the old limit. A stream that also exceeds the
     * new limit is counted again at its next action.
     */
    reset(limit: number) {
      maxStreams = limit;
      dropped.clear();
      setDropped(0);
    },
  };
}
