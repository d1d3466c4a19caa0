import type { EpochMs } from './time.ts';

interface Newest {
  readonly key: string;
  readonly at: EpochMs;
}

/**
 * Creates the memory of the two streams of an account that have the newest samples. An update costs O(1). With
 * two streams, each stream can be compared with the newest sample of all other streams.
 */
export function createNewestTwo() {
  let first: Newest | undefined;
  let second: Newest | undefined;

  /** Adds the time of the newest sample of a stream (epoch ms). The times of one stream never decrease. */
  function add(key: string, at: EpochMs): void {
    if (first === undefined || key === first.key) first = { key, at };
    else if (at > first.at) [first, second] = [{ key, at }, first];
    else if (second === undefined || key === second.key || at > second.at) second = { key, at };
  }

  return {
    add,
    /** Removes a stream. `others` are the remaining streams with the times of their newest samples. */
    remove(key: string, others: Iterable<readonly [key: string, at: EpochMs]>): void {
      if (key !== first?.key && key !== second?.key) return;
      first = undefined;
      second = undefined;
      for (const [other, at] of others) add(other, at);
    },
    /** Returns the time of the newest sample of all streams except `key` (epoch ms). */
    besides: (key: string): EpochMs | undefined => (key === first?.key ? second?.at : first?.at),
  };
}
