import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';
import { createHeapSize } from './heap-size.ts';

/** Starts to control the heap of this process. The result sets its number of targets, see `createHeapSize`. */
export function controlNodeHeap(): (targets: number) => void {
  const { adjust, setTargets } = createHeapSize({
    setFlag: setFlagsFromString,
    youngBytes,
    maxBytes: getHeapStatistics().heap_size_limit,
  });
  new PerformanceObserver(adjust).observe({ entryTypes: ['gc'] });
  return setTargets;
}

/** Returns the current size of the young generation in bytes. */
export function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
}
