import { once } from 'node:events';
import type { Request, RequestHandler, Response } from 'express';
import type { ScrapeRequest, ScrapeResponse } from '../metrics/exposition/scrape.ts';
import {
  defaultScrapeSeconds,
  maxConcurrentScrapes,
  maxScrapeSeconds,
  retryAfterSeconds,
  tooManyScrapesText,
} from './limits.ts';
import type { ServerLog, Sleeper } from './ports.ts';
import { sendText } from './responses.ts';

export interface MetricsParts {
  readonly scrape: (request: ScrapeRequest) => ScrapeResponse | Promise<ScrapeResponse>;
  readonly clock: Sleeper;
  readonly log: ServerLog;
}

/**
 * Serves `/metrics` with backpressure. A scrape ends when the body is sent, when the client disconnects, or at the
 * scrape timeout that the client announced, after which it would discard the response. Responds with 503 at the limit
 * of concurrent scrapes.
 */
export function createMetricsHandler({ scrape, clock, log }: MetricsParts): RequestHandler {
  let concurrentScrapes = 0;
  return async (request, response) => {
    const scrapeRequest = toScrapeRequest(request);
    const { peer, timeoutSeconds } = scrapeRequest;
    if (concurrentScrapes >= maxConcurrentScrapes) {
      log.debug('scrape rejected, too many concurrent scrapes', { peer, limit: maxConcurrentScrapes });
      response.set('Retry-After', String(retryAfterSeconds));
      sendText(response, 503, tooManyScrapesText);
      return;
    }
    const ended = new AbortController();
    concurrentScrapes++;
    response.once('close', () => {
      concurrentScrapes--;
      ended.abort();
    });

    const deadlineMs = 1_000 * Math.min(timeoutSeconds ?? defaultScrapeSeconds, maxScrapeSeconds);
    const enforceDeadline = () => {
      log.debug('scrape aborted at its deadline', { peer, deadline_ms: deadlineMs });
      ended.abort();
      response.destroy();
    };
    clock.sleep(deadlineMs, ended.signal).then(enforceDeadline, () => undefined);
    try {
      await send(await scrape(scrapeRequest), request, response, ended.signal);
    } catch (error) {
      // A failed write to a disconnected client is not an error. It can precede the `close` event of the
      // response.
      if (!ended.signal.aborted && !request.socket.destroyed) throw error;
    }
  };
}

async function send(
  { headers, body, completed }: ScrapeResponse,
  request: Request,
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  response.setHeaders(new Map(Object.entries(headers)));
  if (request.method === 'HEAD') {
    await body[Symbol.asyncIterator]().return?.();
    response.end();
    return;
  }
  // Node sends the headers with the first chunk, so an error before it still results in a 500.
  let previous: Promise<void> = Promise.resolve();
  for await (const chunk of body) {
    signal.throwIfAborted();
    // Do not await this write yet: the next chunk can be rendered meanwhile. The chunk after that must wait
    // for this
    // write, because the chunk buffers are reused.
    const current = write(response, chunk, signal);
    // If the loop ends first, nobody awaits this promise. An unhandled rejection would terminate the process.
    current.catch(() => undefined);
    await previous;
    previous = current;
  }
  await previous;
  const finished = once(response, 'finish', { signal });
  response.end();
  await finished;
  completed();
}

/**
 * Resolves when the operating system has accepted the chunk, so that its buffer can be reused. Rejects on abort: Node
 * does not always call back for a write to a connection that is breaking.
 */
function write(response: Response, chunk: Uint8Array, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    response.write(chunk, (error) => {
      signal.removeEventListener('abort', abort);
      if (error) reject(error);
      else resolve();
    });
  });
}

function toScrapeRequest(request: Request): ScrapeRequest {
  return {
    accept: request.get('accept'),
    acceptEncoding: request.get('accept-encoding'),
    peer: request.socket.remoteAddress ?? '',
    userAgent: request.get('user-agent'),
    timeoutSeconds: parseTimeout(request.get('x-prometheus-scrape-timeout-seconds')),
  };
}

/** Returns undefined for a missing or invalid header value, which must not fail the scrape. */
function parseTimeout(text: string | undefined): number | undefined {
  const seconds = Number(text);
  return seconds > 0 && seconds < Number.POSITIVE_INFINITY ? seconds : undefined;
}
