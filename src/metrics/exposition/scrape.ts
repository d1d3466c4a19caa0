import { contentTypes } from '../table/text-format.ts';
import type { ZeroHold } from '../zero-hold.ts';
import { chooseEncoding, chooseFormat } from './accept.ts';
import type { Exposition } from './exposition.ts';

/** What a scrape says of itself, as far as the answer depends on it. */
export interface ScrapeRequest {
  /** The Accept header; undefined where none was sent. */
  readonly accept: string | undefined;
  /** The Accept-Encoding header; undefined where none was sent. */
  readonly acceptEncoding: string | undefined;
  /** The address that asks, without its port: each scrape may come from another. */
  readonly peer: string;
  readonly userAgent: string | undefined;
  /** X-Prometheus-Scrape-Timeout-Seconds; undefined where it was not sent. Sending it makes a scraper known. */
  readonly timeoutSeconds: number | undefined;
}

export interface ScrapeResponse {
  /** By lower-case name. The length is not known beforehand. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The bytes to send. Whoever does not read them to the end has to end the iteration (`return`), as `for await` does:
   * until then they hold memory. The pieces are shared with other answers, so nobody writes into one; and they are used
   * again, so each has to be sent before two more are asked for.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** To be called when the whole body was handed to the operating system, and not when it was cut short. */
  completed(): void;
}

/** Answers one GET of /metrics. No provider is asked for it. */
export type ServeScrape = (request: ScrapeRequest) => Promise<ScrapeResponse>;

/** `elapsed` is the clock that `births` is told: milliseconds, only going forward. */
export function createScrapeHandler({
  exposition,
  zeroHold,
  elapsed,
}: {
  exposition: Exposition;
  zeroHold: Pick<ZeroHold, 'scrapeStarted' | 'scrapeCompleted'>;
  elapsed: () => number;
}): ServeScrape {
  return async ({ accept, acceptEncoding, peer, userAgent = '', timeoutSeconds }) => {
    const scraper = JSON.stringify([peer, userAgent]);
    if (timeoutSeconds !== undefined) zeroHold.scrapeStarted(scraper, elapsed());
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
      completed: () => zeroHold.scrapeCompleted(scraper, version, elapsed()),
    };
  };
}
