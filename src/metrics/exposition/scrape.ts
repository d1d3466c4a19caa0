import { contentTypes } from '../table/text-format.ts';
import type { ZeroHold } from '../zero-hold.ts';
import { chooseEncoding, chooseFormat } from './accept.ts';
import type { Exposition } from './exposition.ts';

/** Parts of a request that the response depends on. Headers are undefined if they were not sent. */
export interface ScrapeRequest {
  readonly accept: string | undefined;
  readonly acceptEncoding: string | undefined;
  /** Address of the client without its port, which can differ for each scrape. */
  readonly peer: string;
  readonly userAgent: string | undefined;
  /** X-Prometheus-Scrape-Timeout-Seconds. A client that sends it is a known scraper. */
  readonly timeoutSeconds: number | undefined;
}

export interface ScrapeResponse {
  /** By lower-case name. The length of the body is not known in advance. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Bytes to send. Read them to the end or call `return`, as `for await` does; until then they hold memory.
   * Chunks are shared by responses and reused: do not write to a chunk, and send it before you request two
   * more.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** Call it after the whole body was handed to the operating system, not if the response was cut short. */
  completed(): void;
}

/** Answers one GET of /metrics, without a request to a provider. */
export type ServeScrape = (request: ScrapeRequest) => Promise<ScrapeResponse>;

export function createScrapeHandler({
  exposition,
  zeroHold,
}: {
  exposition: Exposition;
  zeroHold: Pick<ZeroHold, 'scrapeStarted' | 'scrapeCompleted'>;
}): ServeScrape {
  return async ({ accept, acceptEncoding, peer, userAgent = '', timeoutSeconds }) => {
    const scraper = JSON.stringify([peer, userAgent]);
    if (timeoutSeconds !== undefined) zeroHold.scrapeStarted(scraper);
    const format = chooseFormat(accept);
    const encoding = chooseEncoding(acceptEncoding);
    const { version, body } = await exposition.scrape({ format, encoding });
    return {
      headers: {
        'content-type': contentTypes[format],
        ...(encoding === 'gzip' && { 'content-encoding': 'gzip' }),
        vary: 'Accept, Accept-Encoding',
      },
      body,
      completed: () => zeroHold.scrapeCompleted(scraper, version),
    };
  };
}
