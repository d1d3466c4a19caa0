import { once } from 'node:events';
import type { Request, RequestHandler, Response } from 'express';
import { maxScrapeDeadlineMs, maxScrapesAtOnce, scrapeAgainSeconds, scrapeDeadlineMs } from './limits.ts';
import type { ScrapeRequest, ScrapeResponse, ServerLog, Sleeper } from './ports.ts';
import { sendLine } from './responses.ts';

export interface MetricsParts {
  readonly scrape: (request: ScrapeRequest) => ScrapeResponse | Promise<ScrapeResponse>;
  readonly clock: Sleeper;
  readonly log: ServerLog;
}

/**
 * One scrape, written as fast as it is read and no faster. It ends when all is handed over, when the scraper goes away,
 * or when the time that the scraper said it waits is over: what it reads later it throws away. Beyond so many at once
 * one is told to come again.
 */
export function createMetricsHandler({ scrape, clock, log }: MetricsParts): RequestHandler {
  let underWay = 0;
  return async (request, response) => {
    const asked = toScrapeRequest(request);
    if (underWay >= maxScrapesAtOnce) {
      log.debug('a scrape was refused, since too many are under way', { peer: asked.peer });
      response.set('Retry-After', String(scrapeAgainSeconds));
      sendLine(
        response,
        503,
        `${maxScrapesAtOnce} scrapes are under way, and more are not answered at once; try again in a moment`,
      );
      return;
    }
    const ended = new AbortController();
    underWay++;
    response.once('close', () => {
      underWay--;
      ended.abort();
    });

    const cutOff = async () => {
      const deadlineMs = toDeadlineMs(asked.timeoutSeconds);
      try {
        await clock.sleep(deadlineMs, ended.signal);
      } catch {
        return;
      }
      log.debug('a scraper was cut off at its deadline', { peer: asked.peer, deadline_ms: deadlineMs });
      ended.abort();
      response.destroy();
    };
    const serve = async () => {
      try {
        await answer(await scrape(asked), request, response, ended.signal);
      } catch (error) {
        // Once the scraper has left there is nobody to tell, and what failed is the writing. That a write under way
        // failed is told before `close` is, and the socket is gone by then.
        if (!ended.signal.aborted && !request.socket.destroyed) throw error;
      }
    };
    await Promise.all([cutOff(), serve()]);
  };
}

function toDeadlineMs(timeoutSeconds: number | undefined): number {
  if (timeoutSeconds === undefined) return scrapeDeadlineMs;
  return Math.min(timeoutSeconds * 1000, maxScrapeDeadlineMs);
}

async function answer(
  { headers, body, completed }: ScrapeResponse,
  request: Request,
  response: Response,
  ended: AbortSignal,
): Promise<void> {
  response.setHeaders(new Map(Object.entries(headers)));
  if (request.method === 'HEAD') {
    await body[Symbol.asyncIterator]().return?.();
    response.end();
    return;
  }
  // The headers leave with the first piece, so a fault before it can still be answered with 500.
  let writing: Promise<void> = Promise.resolve();
  for await (const chunk of body) {
    ended.throwIfAborted();
    // The next piece is made while this one is sent, and no more: so a slow reader holds two.
    const written = write(response, chunk, ended);
    // Awaited a step later; should this end before that, its failure says nothing new.
    written.catch(() => undefined);
    await writing;
    writing = written;
  }
  await writing;
  const finished = once(response, 'finish', { signal: ended });
  response.end();
  await finished;
  completed();
}

/** Resolves when the piece was handed to the operating system, and may be written over. */
function write(response: Response, chunk: Uint8Array, ended: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(ended.reason);
    ended.addEventListener('abort', leave, { once: true });
    response.write(chunk, (error) => {
      ended.removeEventListener('abort', leave);
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

/** What is no number above 0 is as good as nothing: a scrape must not fail over it. */
function parseTimeout(text: string | undefined): number | undefined {
  const seconds = Number(text);
  return seconds > 0 && seconds < Number.POSITIVE_INFINITY ? seconds : undefined;
}
