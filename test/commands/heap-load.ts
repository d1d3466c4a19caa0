// Allocates objects of which some survive, with or without the heap control, and prints the size of the young
// generation in MiB. Usage: node test/commands/heap-load.ts TARGETS
import { setImmediate } from 'node:timers/promises';
import { controlNodeHeap, youngBytes } from '../../src/commands/node-heap.ts';

const sizeHeap = controlNodeHeap();
sizeHeap(Number(process.argv[2]));

let kept: unknown[] = [];
let largest = 0;
for (let i = 0; i < 3_000; i++) {
  for (let j = 0; j < 2_000; j++) kept.push({ i, j: { j } });
  if (kept.length > 300_000) kept = kept.slice(200_000);
  largest = Math.max(largest, youngBytes());
  await setImmediate();
}
console.log(Math.round(largest / 1024 ** 2));
