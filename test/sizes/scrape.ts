import { Agent, request } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** A response to a scrape, as Prometheus requests it. */
export interface Scraped {
  /** Monotonic time of the request in ms. */
  readonly at: number;
  /** From the request to the last byte. */
  readonly seconds: number;
  readonly compressedBytes: number;
  body(): Promise<Scrape>;
}

/** A decompressed response. */
export interface Scrape {
  readonly bytes: number;
  readonly lines: readonly string[];
}

/** Timeout of a scrape. */
const timeoutMs = 60_000;

/** Returns a function that scrapes `url` with gzip, always on the same connection. */
export function createScraper(url: string): () => Promise<Scraped> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = {
    Accept: 'text/plain;version=0.0.4;q=1,*/*;q=0.1',
    'Accept-Encoding': 'gzip',
    'X-Prometheus-Scrape-Timeout-Seconds': '10',
  };
  return async () => {
    const startedAt = performance.now();
    const chunks = await new Promise<readonly Buffer[]>((resolve, reject) => {
      const sent = request(url, { agent, headers, timeout: timeoutMs }, (response) => {
        const received: Buffer[] = [];
        response.on('data', (chunk: Buffer) => received.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          response.statusCode === 200
            ? resolve(received)
            : reject(new Error(`scrape: HTTP ${response.statusCode}`)),
        );
      });
      sent.on('timeout', () => sent.destroy(new Error('scrape: no response')));
      sent.on('error', reject);
      sent.end();
    });
    const seconds = (performance.now() - startedAt) / 1000;
    const compressed = Buffer.concat(chunks);
    return {
      at: startedAt,
      seconds,
      compressedBytes: compressed.length,
      async body() {
        const bytes = await promisify(gunzip)(compressed);
        const lines = bytes.toString().split('\n');
        return { bytes: bytes.length, lines: lines.filter((line) => line !== '' && !line.startsWith('#')) };
      },
    };
  };
}

/** Returns the sum of the values of a metric. */
export function sumOf({ lines }: Scrape, metric: string): number {
  return lines
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/** Returns the number of series of a metric. */
export function countOf({ lines }: Scrape, metric: string): number {
  return lines.filter((line) => line.startsWith(`${metric}{`)).length;
}
