import { once } from 'node:events';
import { connect } from 'node:net';

/** Duration and size of a scrape, as seen by the client. */
export interface Scraped {
  /** From the request to the last byte. */
  readonly wallMs: number;
  /** Includes the head and the chunk framing. */
  readonly bytes: number;
}

export interface ScrapeOptions {
  readonly port: number;
  readonly accept: string;
  readonly isCompressed: boolean;
}

export const accepts = {
  text: 'text/plain;version=0.0.4;q=1,*/*;q=0.1',
  openmetrics: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
};

const endOfChunks = Buffer.from('\r\n0\r\n\r\n');
/** Timeout of a scrape. */
const timeoutMs = 120_000;

/**
 * Scrapes once on a new connection, which is opened before the time starts. Reads all bytes into one buffer
 * and inspects only the end, since the client shares the machine with the measured process.
 */
export async function scrape(options: ScrapeOptions): Promise<Scraped> {
  const scraper = await openScraper(options.port);
  return scraper(options);
}

/**
 * Scrapes `readers` times concurrently. Returns the time until the last byte of the last response and the sum
 * of bytes.
 */
export async function scrapeTogether(options: ScrapeOptions, readers: number): Promise<Scraped> {
  const scrapers = await Promise.all(Array.from({ length: readers }, () => openScraper(options.port)));
  const all = await Promise.all(scrapers.map((scraper) => scraper(options)));
  return {
    wallMs: Math.max(...all.map(({ wallMs }) => wallMs)),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

async function openScraper(port: number): Promise<(options: ScrapeOptions) => Promise<Scraped>> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const buffer = Buffer.alloc(1024 * 1024);
  let bytes = 0;
  let tail = Buffer.alloc(0);
  let head = '';

  const take = (chunk: Buffer) => {
    if (bytes === 0) head = chunk.toString('latin1', 0, 15);
    bytes += chunk.length;
    tail = Buffer.concat([tail, chunk.subarray(-endOfChunks.length)]).subarray(-endOfChunks.length);
    if (tail.equals(endOfChunks)) resolve();
  };
  const socket = connect({
    host: '127.0.0.1',
    port,
    onread: {
      buffer,
      callback(size) {
        take(buffer.subarray(0, size));
        return true;
      },
    },
  });
  socket.on('error', reject);
  socket.on('close', () => reject(new Error('a scrape was aborted')));
  socket.setTimeout(timeoutMs, () => socket.destroy());
  // Handled where it is awaited below.
  promise.catch(() => undefined);
  await once(socket, 'connect');

  return async ({ accept, isCompressed }) => {
    const startedAt = performance.now();
    socket.write(
      `GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: ${accept}\r\n` +
        `Accept-Encoding: ${isCompressed ? 'gzip' : 'identity'}\r\nUser-Agent: bench\r\n` +
        'X-Prometheus-Scrape-Timeout-Seconds: 120\r\n\r\n',
    );
    await promise;
    const wallMs = performance.now() - startedAt;
    socket.destroy();
    if (!head.startsWith('HTTP/1.1 200')) throw new Error(`a scrape failed: ${head}`);
    return { wallMs, bytes };
  };
}
