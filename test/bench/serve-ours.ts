import { controlNodeHeap } from '../../src/commands/node-heap.ts';
import { createArrivals } from './arriving.ts';
import { type Content, createContent } from './content.ts';
import { serve } from './serve.ts';

/** The program's own metrics. */
const sizeHeap = controlNodeHeap();
let content: Content = createContent(0);

await serve({
  scrape: (request) => content.metrics.serveScrape(request),
  handlers: {
    fill(streams: number) {
      sizeHeap(streams);
      content = createContent(streams);
    },
    change: (share: number) => content.change(share),
    sample: (streams: number) => content.arrive(streams),
    ...createArrivals((count) => content.arrive(count)),
  },
});
