// Allocates objects of which some survive, with or without the heap control, and prints the size of the young
// generation in MiB. Usage: node test/commands/heap-load.ts TARGETS
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { createHeapSize } from '../../src/commands/heap-size.ts';

const youngBytes = () =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
const heapSize = createHeapSize({ setFlag: setFlagsFromString, youngBytes, maxBytes: 4 * 1024 ** 3 });
new PerformanceObserver(heapSize.adjust).observe({ entryTypes: ['gc'] });
heapSize.setTargets(Number(process.argv[2]));

let kept: unknown[] = [];
let largest = 0;
for (let i = 0; i < 3_000; i++) {
  for (let j = 0; j < 2_000; j++) kept.push({ i, j: { j } });
  if (kept.length > 300_000) kept = kept.slice(200_000);
  largest = Math.max(largest, youngBytes());
  await setImmediate();
}
console.log(Math.round(largest / 1024 ** 2));
