import { type Content, createContent } from './content.ts';
import { serve } from './serve.ts';

/** The program's own metrics. */
let content: Content = createContent(0);
let arriving: NodeJS.Timeout | undefined;

/** Samples arrive in small batches, as in responses. */
const batchMs = 5;

await serve({
  scrape: (request) => content.metrics.serveScrape(request),
  handlers: {
    fill(streams: number) {
      content = createContent(streams);
    },
    change: (share: number) => content.change(share),
    sample: (streams: number) => content.arrive(streams),
    arrive(perSecond: number) {
      arriving = setInterval(() => content.arrive(Math.ceil((perSecond * batchMs) / 1000)), batchMs);
    },
    rest: () => clearInterval(arriving),
  },
});
