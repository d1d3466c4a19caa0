import { once } from 'node:events';
import type { Request, RequestHandler, Response } from 'express';
import type { ScrapeRequest, ScrapeResponse } from '../metrics/exposition/scrape.ts';
import type { Clock } from '../model/time.ts';
import { clientOf } from './client.ts';
import {
  defaultScrapeSeconds,
  maxConcurrentScrapes,
  maxScrapeSeconds,
  maxWaitingRequests,
  maxWaitMs,
  retryAfterSeconds,
  tooManyScrapesText,
} from './limits.ts';
import type { ServerLog } from './ports.ts';
import { createReceipts } from './receipts.ts';
import { createResponseSlots } from './response-slots.ts';
import { sendText } from './responses.ts';

export interface MetricsParts {
  readonly scrape: (request: ScrapeRequest) => ScrapeResponse | Promise<ScrapeResponse>;
  readonly clock: Clock;
  readonly log: ServerLog;
}

/**
 * Serves `/metrics` with backpressure. A scrape ends when the body is sent, when the client disconnects, or
 * when the timeout in the request header expires, because the client then discards the response. If too many
 * scrapes are in progress, waits until one has ended, and responds with 503 if that takes too long. Reports a response
 * as completed when its receipt is certain.
 */
export function createMetricsHandler({ scrape, clock, log }: MetricsParts): RequestHandler {
  const slots = createResponseSlots({ max: maxConcurrentScrapes, maxWaiting: maxWaitingRequests, clock });
  const receipts = createReceipts(clock);
  return async (request, response) => {
    receipts.requested(request.socket);
    const scrapeRequest = toScrapeRequest(request);
    const { peer, timeoutSeconds } = scrapeRequest;
    const ended = new AbortController();
    response.once('close', () => ended.abort());

    const deadlineMs = 1_000 * Math.min(timeoutSeconds ?? defaultScrapeSeconds, maxScrapeSeconds);
    const enforceDeadline = () => {
      log.debug('scrape aborted at its deadline', { peer, deadline_ms: deadlineMs });
      ended.abort();
      response.destroy();
    };
    clock.sleep(deadlineMs, ended.signal).then(enforceDeadline, () => undefined);
    if (!(await slots.acquire(response, clientOf(request), Math.min(deadlineMs / 2, maxWaitMs)))) {
      if (response.closed || request.socket.destroyed) return;
      log.debug('scrape rejected, too many concurrent scrapes', { peer, limit: maxConcurrentScrapes });
      response.set('Retry-After', String(retryAfterSeconds));
      sendText(response, 503, tooManyScrapesText);
      return;
    }
    try {
      const { completed, ...content } = await scrape(scrapeRequest);
      const isSent = await send(content, request, response, ended.signal);
      if (isSent) receipts.sent(response, timeoutSeconds, completed);
    } catch (error) {
      // Ignore a failed write to a client that has disconnected. The write can fail before the response emits
      // `close`.
      if (!ended.signal.aborted && !request.socket.destroyed) throw error;
    }
  };
}

/** Sends the response. Resolves with whether a body was sent, which is then with the operating system. */
async function send(
  { headers, body }: Omit<ScrapeResponse, 'completed'>,
  request: Request,
  response: Response,
  signal: AbortSignal,
): Promise<boolean> {
  response.setHeaders(new Map(Object.entries(headers)));
  if (request.method === 'HEAD') {
    await body[Symbol.asyncIterator]().return?.();
    response.end();
    return false;
  }
  // Node sends the headers together with the first chunk. So if rendering fails before the first chunk, the
  // client still gets a 500.
  let previous: Promise<void> = Promise.resolve();
  for await (const chunk of body) {
    signal.throwIfAborted();
    // Do not await this write before the next chunk is requested: rendering the next chunk and sending this
    // chunk overlap. Await this write before the chunk after the next, because its rendering overwrites the
    // buffer of this chunk.
    const current = write(response, chunk, signal);
    // If the loop throws first, nothing awaits this promise, and an unhandled rejection would terminate the
    // process.
    current.catch(() => undefined);
    await previous;
    previous = current;
  }
  await previous;
  const finished = once(response, 'finish', { signal });
  response.end();
  await finished;
  return true;
}

/**
 * Writes a chunk. Resolves when the operating system has accepted the chunk, so that its buffer can be
 * reused. Rejects if `signal` is aborted, because Node does not always call back if a connection breaks
 * during the write.
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
    connection: request.socket,
    forwardedFor: withoutPorts(request.get('x-forwarded-for')),
    userAgent: request.get('user-agent'),
    timeoutSeconds: parseTimeout(request.get('x-prometheus-scrape-timeout-seconds')),
  };
}

/** Removes the ports from a list of addresses, because some proxies add the port, which can differ. */
function withoutPorts(addresses: string | undefined): string | undefined {
  return addresses
    ?.split(',')
    .map((address) => address.trim().replace(/^\[([^\]]*)\](:\d+)?$|^([\d.]+):\d+$/, '$1$3'))
    .join(', ');
}

/**
 * Parses the scrape timeout in seconds. Returns undefined if the header is missing or invalid, so that a bad
 * header does not fail the scrape.
 */
function parseTimeout(text: string | undefined): number | undefined {
  const seconds = Number(text);
  return seconds > 0 && seconds < Number.POSITIVE_INFINITY ? seconds : undefined;
}
