import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';

/** Result of one scrape. */
export interface Scrape {
  /** Time in ms from the request to the last byte of the response, or to the failure. */
  readonly ms: number;
  /** Reason why the scrape failed; undefined if the whole exposition was received in time. */
  readonly failure: string | undefined;
  /** Number of streams with a series of push_up; 0 without `countStreams`. */
  readonly streams: number;
}

export interface ScrapeOptions {
  readonly url: string;
  /** User and password, joined by a colon. */
  readonly login?: string | undefined;
  readonly localAddress?: string;
  /** Agent with the connections to use. By default, each scrape has its own connection. */
  readonly agent?: Agent | undefined;
  readonly countStreams?: boolean;
}

/** Timeout of the scrapes in seconds: the default of Prometheus. */
export const timeoutSeconds = 10;

const accept =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

/** Scrapes /metrics as Prometheus does: same headers, gzip, and a timeout until the last byte. */
export async function scrapeOnce(options: ScrapeOptions): Promise<Scrape> {
  const startedAt = performance.now();
  const passed = () => performance.now() - startedAt;
  const signal = AbortSignal.timeout(1_000 * timeoutSeconds);
  try {
    const response = await respond(options, signal);
    if (response.statusCode !== 200) {
      response.resume();
      throw new Error(`HTTP ${response.statusCode}`);
    }
    let ms = 0;
    response.once('end', () => {
      ms = passed();
    });
    const unpacked = response.pipe(createGunzip());
    const text = readText(unpacked, options.countStreams ?? false);
    await Promise.all([finished(response), finished(unpacked)]);
    if (!text.end.endsWith('# EOF\n')) return { ms, failure: 'incomplete exposition', streams: 0 };
    return { ms, failure: undefined, streams: text.streams };
  } catch (error) {
    const failure = signal.aborted ? 'timeout' : error instanceof Error ? error.message : String(error);
    return { ms: passed(), failure, streams: 0 };
  }
}

/**
 * Sends the request until a response begins. It is sent again only if a kept connection ends without a byte of a
 * response: then the server closed it while it was idle. Prometheus does the same (`shouldRetryRequest` in Go's
 * net/http).
 */
async function respond(options: ScrapeOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const { url, login, localAddress, agent } = options;
  const sent = request(new URL('metrics', url), {
    agent: agent ?? false,
    ...(localAddress === undefined ? {} : { localAddress }),
    signal,
    headers: {
      accept,
      'accept-encoding': 'gzip',
      'user-agent': 'Prometheus/2.42.0',
      'x-prometheus-scrape-timeout-seconds': String(timeoutSeconds),
      ...(login === undefined ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
    },
  });
  // An error after the begin of the response is also an error of the response.
  sent.on('error', () => undefined);
  const responded = once(sent, 'response', { signal });
  sent.end();
  try {
    const [response] = await responded;
    return response;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (sent.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')) return respond(options, signal);
    throw error;
  }
}

interface Text {
  end: string;
  streams: number;
}

/** Reads a text and keeps only its end. */
function readText(source: NodeJS.ReadableStream, countStreams: boolean): Text {
  const text: Text = { end: '', streams: 0 };
  let line = '';
  source.on('data', (bytes: Buffer) => {
    text.end = (text.end + bytes.toString('latin1', Math.max(0, bytes.length - 16))).slice(-16);
    if (!countStreams) return;
    const lines = (line + bytes.toString('latin1')).split('\n');
    line = lines.pop() ?? '';
    text.streams += lines.filter((each) => each.startsWith('livestream_push_up{')).length;
  });
  return text;
}

export interface Scraper {
  /** Stops, and returns all scrapes, also the last one that was in progress. */
  stop(): Promise<readonly Scrape[]>;
}

/**
 * Starts a scraper that begins a scrape each `intervalMs`, as long as the last one has ended. It keeps its
 * connection between two scrapes if `keepAlive`, as Prometheus does.
 */
export function startScraper(
  options: Omit<ScrapeOptions, 'agent'>,
  { intervalMs, keepAlive }: { readonly intervalMs: number; readonly keepAlive: boolean },
): Scraper {
  const agent = keepAlive ? new Agent({ keepAlive: true, maxSockets: 1 }) : undefined;
  const stopped = new AbortController();
  const scrapes: Scrape[] = [];
  const run = async () => {
    while (!stopped.signal.aborted) {
      const startedAt = performance.now();
      scrapes.push(await scrapeOnce({ ...options, agent }));
      const restMs = Math.max(0, intervalMs - (performance.now() - startedAt));
      await sleep(restMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
    agent?.destroy();
  };
  const running = run();
  return {
    async stop() {
      stopped.abort();
      await running;
      return scrapes;
    },
  };
}
