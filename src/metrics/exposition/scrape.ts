import type { ScraperConnection } from '../known-scrapers.ts';
import { contentTypes } from '../table/text-format.ts';
import type { ZeroHold } from '../zero-hold.ts';
import { chooseEncoding, chooseFormat } from './accept.ts';
import type { Exposition } from './exposition.ts';

/**
 * Parts of a request to /metrics that determine the response. A header that the client did not send is
 * undefined.
 */
export interface ScrapeRequest {
  readonly accept: string | undefined;
  readonly acceptEncoding: string | undefined;
  /** Address of the client, without the port, because the port can differ between scrapes. */
  readonly peer: string;
  /** Connection of the request. It distinguishes scrapers with the same address and headers. */
  readonly connection?: ScraperConnection;
  /**
   * Addresses of the client and of the proxies on the way, from the header X-Forwarded-For. Anybody can send
   * this header, so use it only to distinguish scrapers.
   */
  readonly forwardedFor?: string | undefined;
  readonly userAgent: string | undefined;
  /**
   * Value of the header X-Prometheus-Scrape-Timeout-Seconds. A client that sends this header becomes a known
   * scraper: each new counter stays at 0 until the client has received that 0 (zero hold).
   */
  readonly timeoutSeconds: number | undefined;
}

/** Response to one GET of /metrics. */
export interface ScrapeResponse {
  /**
   * Headers by lower-case name, without Content-Length, because the length of the body is not known in
   * advance.
   */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Chunks of the body. Read the body to its end or call `return`, as `for await` does, because an unfinished
   * body occupies memory. Do not write to a chunk, because responses share chunks. Finish sending a chunk
   * before you request the second chunk after it, because its buffer is then overwritten.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /**
   * Records that the client has received the response. Call this method as soon as this is known, and never
   * if the response was cut short.
   */
  completed(): void;
}

/**
 * Function that returns the response to one GET of /metrics. It uses only data in memory and sends no request
 * to a provider.
 */
export type ServeScrape = (request: ScrapeRequest) => Promise<ScrapeResponse>;

/**
 * Creates the handler of /metrics. It chooses the format and the encoding, and reports known scrapers to the
 * zero hold.
 */
export function createScrapeHandler({
  exposition,
  zeroHold,
}: {
  exposition: Exposition;
  zeroHold: Pick<ZeroHold, 'scrapeStarted' | 'scrapeCompleted'>;
}): ServeScrape {
  return async (request) => {
    const { accept, acceptEncoding, timeoutSeconds } = request;
    const scraper = timeoutSeconds === undefined ? undefined : started(request);
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

  /** Returns the name of the scraper that sent the request; undefined if too many scrapers are known. */
  function started({ peer, userAgent, timeoutSeconds, forwardedFor, connection }: ScrapeRequest) {
    const parts = [bound(peer), bound(userAgent ?? ''), timeoutSeconds];
    const group = JSON.stringify(forwardedFor === undefined ? parts : [...parts, bound(forwardedFor)]);
    // A proxy uses its connections for any client.
    return zeroHold.scrapeStarted(group, forwardedFor === undefined ? connection : undefined);
  }
}

/** Maximum number of characters of a header in the name of a scraper, which is saved. */
const maxHeaderLength = 256;

function bound(header: string): string {
  return header.slice(0, maxHeaderLength).toWellFormed();
}
