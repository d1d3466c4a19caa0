import { once } from 'node:events';
import { connect } from 'node:net';

/** How one scrape went, as its reader saw it. */
export interface Scraped {
  /** From the request to the last byte. */
  readonly wallMs: number;
  /** With the head and the frame round each piece. */
  readonly bytes: number;
}

export interface ScrapeWish {
  readonly port: number;
  readonly accept: string;
  readonly isPacked: boolean;
}

export const accepts = {
  text: 'text/plain;version=0.0.4;q=1,*/*;q=0.1',
  openmetrics: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
};

const endOfChunks = Buffer.from('\r\n0\r\n\r\n');
/** A scrape that takes longer has gone wrong. */
const longestMs = 120_000;

/**
 * One scrape on a connection of its own, made before the time is taken. The bytes are thrown away as they come, into
 * one buffer and unread but for the end, since the reader shares the machine with what it measures.
 */
export async function scrape(wish: ScrapeWish): Promise<Scraped> {
  const scraper = await openScraper(wish.port);
  return scraper(wish);
}

/** As many at the same moment: the time until the last has its last byte, and the bytes of all. */
export async function scrapeTogether(wish: ScrapeWish, readers: number): Promise<Scraped> {
  const scrapers = await Promise.all(Array.from({ length: readers }, () => openScraper(wish.port)));
  const all = await Promise.all(scrapers.map((scraper) => scraper(wish)));
  return {
    wallMs: Math.max(...all.map(({ wallMs }) => wallMs)),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

async function openScraper(port: number): Promise<(wish: ScrapeWish) => Promise<Scraped>> {
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
  socket.on('close', () => reject(new Error('a scrape was cut short')));
  socket.setTimeout(longestMs, () => socket.destroy());
  // Until it is awaited below.
  promise.catch(() => undefined);
  await once(socket, 'connect');

  return async ({ accept, isPacked }) => {
    const began = performance.now();
    socket.write(
      `GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: ${accept}\r\n` +
        `Accept-Encoding: ${isPacked ? 'gzip' : 'identity'}\r\nUser-Agent: bench\r\n` +
        'X-Prometheus-Scrape-Timeout-Seconds: 120\r\n\r\n',
    );
    await promise;
    const wallMs = performance.now() - began;
    socket.destroy();
    if (!head.startsWith('HTTP/1.1 200')) throw new Error(`a scrape was answered with ${head}`);
    return { wallMs, bytes };
  };
}
