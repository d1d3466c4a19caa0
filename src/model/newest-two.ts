import type { EpochMs } from './time.ts';

interface Newest {
  readonly key: string;
  readonly at: EpochMs;
}

/**
 * Creates the memory of the two streams of an account that have the newest samples. An update costs O(1). With
 * two streams, each stream can be compared with the newest sample of all other streams. `all` returns all streams with
 * the times of their newest samples, and must already be up to date when `add` or `remove` is called.
 */
export function createNewestTwo(all: () => Iterable<readonly [key: string, at: EpochMs]>) {
  let first: Newest | undefined;
  let second: Newest | undefined;
  /**
   * Whether `first` or `second` was removed. Then the next comparison looks at all streams, once for many
   * removals.
   */
  let isOutdated = false;

  function update(key: string, at: EpochMs): void {
    if (first === undefined || key === first.key) first = { key, at };
    else if (at > first.at) [first, second] = [{ key, at }, first];
    else if (second === undefined || key === second.key || at > second.at) second = { key, at };
  }

  return {
    /** Adds the time of the newest sample of a stream (epoch ms). The times of one stream never decrease. */
    add(key: string, at: EpochMs): void {
      if (!isOutdated) update(key, at);
    },
    remove(key: string): void {
      isOutdated ||= key === first?.key || key === second?.key;
    },
    /** Returns the time of the newest sample of all streams except `key` (epoch ms). */
    besides(key: string): EpochMs | undefined {
      if (isOutdated) {
        isOutdated = false;
        first = undefined;
        second = undefined;
        for (const [other, at] of all()) update(other, at);
      }
      return key === first?.key ? second?.at : first?.at;
    },
  };
}
