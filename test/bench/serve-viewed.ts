import { controlNodeHeap } from '../../src/commands/node-heap.ts';
import { createArrivals } from './arriving.ts';
import { createBenchViews } from './bench-views.ts';
import { createContent } from './content.ts';
import { serve } from './serve.ts';

/** The program's own metrics, status page and JSON API, of the same number of streams. */
const [count = ''] = process.argv.slice(2);
controlNodeHeap()(Number(count));
const content = createContent(Number(count));

await serve({
  scrape: (request) => content.metrics.serveScrape(request),
  handlers: createArrivals(content.arrive),
  views: createBenchViews(Number(count)),
});
