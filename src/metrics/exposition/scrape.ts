import { contentTypes } from '../table/text-format.ts';
import type { ZeroHold } from '../zero-hold.ts';
import { chooseEncoding, chooseFormat } from './accept.ts';
import type { Exposition } from './exposition.ts';

/** Parts of a request to /metrics that determine the response. A header that was not sent is undefined. */
export interface ScrapeRequest {
  readonly accept: string | undefined;
  readonly acceptEncoding: string | undefined;
  /** Address of the client without its port, because the port can differ for each scrape. */
  readonly peer: string;
  readonly userAgent: string | undefined;
  /**
   * Value of the header X-Prometheus-Scrape-Timeout-Seconds, in seconds. A client that sends this header is a
   * known scraper: counters stay at 0 until the client has received them (zero hold).
   */
  readonly timeoutSeconds: number | undefined;
}

/** Response to one GET of /metrics. */
export interface ScrapeResponse {
  /**
   * Headers by lower-case name. Content-Length is missing, because the length of the body is not known in
   * advance.
   */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Chunks of bytes to send. Read the body to its end or call `return`, as `for await` does, because an
   * unfinished body occupies memory. Responses share chunks, and their memory is used again: do not write to
   * a chunk, and send a chunk before you request two more chunks.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /**
   * Records that the client received the response. Call this method after the whole body was handed to the
   * operating system. Do not call it if the response was cut short.
   */
  completed(): void;
}

/** Answers one GET of /metrics from memory, without a request to a provider. */
export type ServeScrape = (request: ScrapeRequest) => Promise<ScrapeResponse>;

/**
 * Creates the handler of /metrics, which chooses format and encoding and reports known scrapers to the zero
 * hold.
 */
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
