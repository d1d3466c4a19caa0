/** Bound of the set of dropped stream keys. Beyond this bound, the number only says "very many". */
const maxDropped = 100_000;

/** Cardinality limit `limits.max_streams`, with the set of streams beyond it. */
export function createStreamLimit(setDropped: (streams: number) => void, count: () => number) {
  const dropped = new Set<string>();
  let maxStreams = 0;
  return {
    free: () => Math.max(0, maxStreams - count()),
    drop(streamKeys: readonly string[]) {
      for (const key of streamKeys) if (dropped.size < maxDropped) dropped.add(key);
      setDropped(dropped.size);
    },
    /** Streams that are still beyond the limit are dropped again with their next action. */
    reset(limit: number) {
      maxStreams = limit;
      dropped.clear();
      setDropped(0);
    },
  };
}
