import { controlNodeHeap } from '../../src/commands/node-heap.ts';
import { createBenchViews } from './bench-views.ts';
import { serve } from './serve.ts';

/** The program's own status page and JSON API. */
const [count = ''] = process.argv.slice(2);
controlNodeHeap()(Number(count));

await serve({
  scrape: () => Promise.reject(new Error('this side serves the status only')),
  handlers: {},
  views: createBenchViews(Number(count)),
});
